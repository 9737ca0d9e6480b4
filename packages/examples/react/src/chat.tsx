import type { SessionMessage } from '@throughline/sdk'
import { useSession } from '@throughline/sdk/react'
import { memo, useState } from 'react'
import { client } from './client.ts'

/** One session. What it selects changes with each token; the line to write in does not. */
export function Chat({ id }: { id: string }) {
  const messages = useSession(client, id, (state) => state.messages)
  return (
    <main>
      {messages.map((message) => (
        <Message key={message.id} message={message} />
      ))}
      <Line key={id} id={id} />
    </main>
  )
}

/** A message that did not change is the same object as before. */
const Message = memo(({ message }: { message: SessionMessage }) => (
  <article data-role={message.role} aria-busy={message.pending === 'sending'}>
    {message.parts.map((part, index) => (part.type === 'text' ? <p key={index}>{part.text}</p> : null))}
  </article>
))

function Line({ id }: { id: string }) {
  const { isBusy, failure } = useSession(client, id, (state) => ({ isBusy: state.status !== 'idle', failure: state.failure }))
  const [text, setText] = useState('')
  const send = () => {
    setText('')
    client
      .session(id)
      .send(text)
      .catch(() => setText(text))
  }
  if (failure)
    return (
      <p>
        {failure.message} <button onClick={() => client.session(id).retry()}>Try again</button>
      </p>
    )
  return (
    <form action={send}>
      <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} />
      <button disabled={text === ''}>Send</button>
      {isBusy && (
        <button type="button" onClick={() => void client.session(id).stop()}>
          Stop
        </button>
      )}
    </form>
  )
}
