import { connect, type ConnectOptions, type SessionState } from '@throughline/sdk'

/** Where a runtime goes: the server, over a line, and what cuts that line when it is fetched. */
export interface Places {
  readonly server: string
  readonly cut: string
}

/** What a runtime has seen. */
export interface Seen {
  /** The session's id. */
  readonly session: string
  readonly texts: readonly string[]
  readonly links: number
  readonly resumed: number
}

/** Makes a session, asks, loses its link in the middle of the answer, comes back, and sees the answer to its end. */
export async function comeBack({ server, cut }: Places, options: ConnectOptions = {}): Promise<Seen> {
  const client = connect(server, options)
  let links = 0
  let resumed = 0
  client.on('log', (record) => {
    if (record.type === 'welcome') links++
    if (record.type === 'attached' && record.resumed) resumed++
  })
  const session = await client.create({ title: 'A runtime' })
  const until = (isSo: (state: SessionState) => boolean) =>
    new Promise<void>((resolve) => {
      const stop = session.on('change', (state) => {
        if (!isSo(state)) return
        stop()
        resolve()
      })
    })

  const begun = until((state) => (textsOf(state)[1]?.length ?? 0) > 40)
  await session.send('/tokens 200 5')
  await begun
  const ended = until(({ last }) => last !== undefined)
  await fetch(cut)
  await ended
  client.close()
  return { session: session.id, texts: textsOf(session.state), links, resumed }
}

function textsOf({ messages }: SessionState): string[] {
  return messages.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''))
}
