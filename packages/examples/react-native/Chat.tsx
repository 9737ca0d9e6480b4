import type { SessionMessage } from '@throughline/sdk'
import { useSession } from '@throughline/sdk/react'
import { memo, useState } from 'react'
import { Button, FlatList, StyleSheet, Text, TextInput, View } from 'react-native'
import { client } from './client.ts'

/** One session: what was said, and a line to say more. */
export function Chat({ id, onClose }: { id: string; onClose: () => void }) {
  const { messages, status, failure, caughtUp } = useSession(client, id)
  const [text, setText] = useState('')
  const send = () => {
    setText('')
    // Without a connection it waits, and is shown as pending; refused it comes back.
    client
      .session(id)
      .send(text)
      .catch(() => setText(text))
  }
  return (
    <>
      <Button title="All sessions" onPress={onClose} />
      {failure && <Text style={styles.message}>{failure.message}</Text>}
      {!failure && !caughtUp && <Text style={styles.message}>Loading…</Text>}
      <FlatList
        inverted
        data={messages.toReversed()}
        keyExtractor={(message) => message.id}
        renderItem={({ item }) => <Message message={item} />}
      />
      <View style={styles.line}>
        <TextInput style={styles.input} value={text} onChangeText={setText} placeholder="Say something" />
        {status === 'idle' ? (
          <Button title="Send" onPress={send} disabled={text === ''} />
        ) : (
          <Button title="Stop" onPress={() => void client.session(id).stop()} />
        )}
      </View>
    </>
  )
}

/** Messages that did not change are the same objects as before, so a token renders only the one that grows. */
const Message = memo(({ message }: { message: SessionMessage }) => (
  <View style={[styles.message, message.role === 'user' && styles.own, message.pending && styles.pending]}>
    {message.parts.map((part, index) => {
      switch (part.type) {
        case 'text':
          return <Text key={index}>{part.text}</Text>
        case 'tool':
          return <Text key={index}>⚙ {part.name}</Text>
        default:
          return null
      }
    })}
  </View>
))

const styles = StyleSheet.create({
  message: { padding: 12, marginHorizontal: 12, marginVertical: 4 },
  own: { backgroundColor: '#eef3ff', borderRadius: 12 },
  pending: { opacity: 0.5 },
  line: { flexDirection: 'row', alignItems: 'center', padding: 12, gap: 8 },
  input: { flex: 1, borderWidth: 1, borderColor: '#ccc', borderRadius: 8, padding: 8 },
})
