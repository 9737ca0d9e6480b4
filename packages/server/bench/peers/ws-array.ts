import { eachDelta, tokenEvent } from '../event.ts'
import type { Peer } from '../peer.ts'
import { serveSockets, watchSocket } from './ws.ts'

/** `ws` with the journal that most write first: all frames of a session in an array, and who comes back is sent those after its number. */
export const wsArray: Peer = {
  name: 'ws, array journal',
  packages: ['ws'],
  serve() {
    const journals = new Map<string, string[]>()
    const journalOf = (session: string) => {
      const journal = journals.get(session) ?? []
      journals.set(session, journal)
      return journal
    }
    return serveSockets(
      (viewers, token, session) => {
        const journal = journalOf(session)
        const frame = JSON.stringify({ seq: journal.length + 1, event: tokenEvent(token) })
        journal.push(frame)
        for (const viewer of viewers) viewer.send(frame)
      },
      (viewer, session, query) => {
        for (const frame of journalOf(session).slice(Number(query.get('after') ?? 0))) viewer.send(frame)
      },
    )
  },
  watch(address, session, { onText, as, from = 0 }) {
    let seq = from as number
    return watchSocket(
      `${address}/${session}?after=${seq}`,
      (frame) => {
        seq += 1
        if (as === 'light') eachDelta(frame, onText)
        else onText((JSON.parse(frame.toString()) as { event: { delta: string } }).event.delta)
      },
      () => seq,
    )
  },
}
