import type { WebSocket } from 'ws'
import { eachDelta, tokenEvent } from '../event.ts'
import type { Peer } from '../peer.ts'
import { serveSockets, watchSocket } from './ws.ts'

/** `ws` with what a careful author adds by hand: the tokens of one turn of the event loop go in one frame. */
export const wsCoalesced: Peer = {
  name: 'ws, coalesced',
  packages: ['ws'],
  serve() {
    const waiting = new Map<ReadonlySet<WebSocket>, object[]>()
    const flush = () => {
      for (const [viewers, events] of waiting) {
        const frame = JSON.stringify(events)
        for (const viewer of viewers) viewer.send(frame)
      }
      waiting.clear()
    }
    return serveSockets((viewers, token) => {
      if (waiting.size === 0) setImmediate(flush)
      const events = waiting.get(viewers)
      if (events === undefined) waiting.set(viewers, [tokenEvent(token)])
      else events.push(tokenEvent(token))
    })
  },
  watch: (address, session, { onText, as }) =>
    watchSocket(`${address}/${session}`, (frame) => {
      if (as === 'light') eachDelta(frame, onText)
      else for (const { delta } of JSON.parse(frame.toString()) as { delta: string }[]) onText(delta)
    }),
}
