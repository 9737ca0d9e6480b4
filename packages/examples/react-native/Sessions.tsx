import { useSessions } from '@throughline/sdk/react'
import { Alert, Button, FlatList, Pressable, StyleSheet, Text } from 'react-native'
import { client } from './client.ts'

const BADGES = { idle: '', running: 'working', waiting: 'needs you', stopping: 'stopping' }

/** The user's sessions, with what each is doing. None of them is followed for that. */
export function Sessions({ onOpen }: { onOpen: (id: string) => void }) {
  const sessions = useSessions(client)
  const create = async () => {
    try {
      onOpen((await client.create({ title: 'From the phone' })).id)
    } catch (error) {
      Alert.alert('No new session', String(error))
    }
  }
  return (
    <>
      <FlatList
        data={sessions ?? []}
        keyExtractor={({ id }) => id}
        ListEmptyComponent={<Text style={styles.row}>{sessions ? 'Nothing yet.' : 'Loading…'}</Text>}
        renderItem={({ item }) => (
          <Pressable style={styles.row} onPress={() => onOpen(item.id)}>
            <Text>{item.title ?? item.id}</Text>
            <Text style={styles.badge}>{BADGES[item.status]}</Text>
          </Pressable>
        )}
      />
      <Button title="New session" onPress={() => void create()} />
    </>
  )
}

const styles = StyleSheet.create({
  row: { padding: 16, flexDirection: 'row', justifyContent: 'space-between' },
  badge: { color: '#888' },
})
