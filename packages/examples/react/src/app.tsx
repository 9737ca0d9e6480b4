import { useConnection } from '@throughline/sdk/react'
import { useState } from 'react'
import { Chat } from './chat.tsx'
import { client } from './client.ts'
import { Sessions } from './sessions.tsx'

/** The sessions of the user, and the one that is chosen. */
export function App() {
  const [chosen, choose] = useState<string>()
  return (
    <>
      <Connection />
      <Sessions chosen={chosen} onChoose={choose} />
      {chosen !== undefined && <Chat id={chosen} />}
    </>
  )
}

function Connection() {
  const status = useConnection(client, (state) => state.status)
  return <p data-testid="connection">{status}</p>
}
