import { useSessions } from '@throughline/sdk/react'
import { client } from './client.ts'

/** The list: titles and badges come from the directory, so that no session is followed for them, and no token renders them. */
export function Sessions({ chosen, onChoose }: { chosen: string | undefined; onChoose: (id: string) => void }) {
  const sessions = useSessions(client)
  const create = async () => onChoose((await client.create({ title: `Session ${(sessions?.length ?? 0) + 1}` })).id)
  return (
    <nav>
      <button onClick={() => void create()}>New session</button>
      {sessions?.map(({ id, title, status }) => (
        <button key={id} aria-pressed={id === chosen} onClick={() => onChoose(id)}>
          {title} {status !== 'idle' && <em>{status}</em>}
        </button>
      ))}
    </nav>
  )
}
