import { useConnection } from '@throughline/sdk/react'
import { useState } from 'react'
import { SafeAreaView, StyleSheet, Text } from 'react-native'
import { Chat } from './Chat.tsx'
import { client } from './client.ts'
import { Sessions } from './Sessions.tsx'

/** The whole app: the sessions of the user, or the one that is open. Expo wants it as the default export. */
export default function App() {
  const [open, setOpen] = useState<string>()
  const trouble = useConnection(client, troubleOf)
  return (
    <SafeAreaView style={styles.page}>
      {trouble !== undefined && <Text style={styles.trouble}>{trouble}</Text>}
      {open === undefined ? <Sessions onOpen={setOpen} /> : <Chat id={open} onClose={() => setOpen(undefined)} />}
    </SafeAreaView>
  )
}

/** What is worth a line: a lost link comes back by itself, and what is shown stays. */
function troubleOf(state: typeof client.state): string | undefined {
  switch (state.status) {
    case 'waiting':
      return 'No connection. Trying again…'
    case 'paused':
      return state.reason === 'offline' ? 'Offline. What you send goes out later.' : undefined
    case 'closed':
      return state.reason.message
    default:
      return undefined
  }
}

const styles = StyleSheet.create({
  page: { flex: 1, backgroundColor: 'white' },
  trouble: { padding: 8, textAlign: 'center', backgroundColor: '#fff4d6' },
})
