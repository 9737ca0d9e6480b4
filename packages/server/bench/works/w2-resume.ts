import { ALL_OURS, DURABLE_STREAMS, OURS, RESUMABLE_STREAM, SOCKET_IO, WS_ARRAY } from '../contenders.ts'
import { labelOf } from '../lab.ts'
import type { Work } from '../work.ts'

const SEEN = 100
const MISSED = 5000
const PEERS = [RESUMABLE_STREAM, DURABLE_STREAMS, SOCKET_IO]

export const resume: Work = {
  name: 'W2',
  title: 'Resume after 5,000 missed tokens, while the run goes on',
  text: 'A viewer leaves after 100 tokens and comes back 5,000 later: from dialling to the last missed token, and all bytes that the server wrote for it, HTTP and WebSocket framing included. Nothing is compressed. The tokens come at 20,000/s.',
  contenders: [...ALL_OURS, ...PEERS, WS_ARRAY],
  columns: [
    { figure: 'ms', title: 'caught up, ms', digits: 1 },
    { figure: 'bytes', title: 'bytes' },
  ],
  goals: [
    {
      text: '≤ 1/3 of the fastest peer’s time',
      value: (of) => of(labelOf(OURS), 'ms') / Math.min(...PEERS.map((peer) => of(labelOf(peer), 'ms'))),
      atMost: 1 / 3,
    },
    {
      text: '≤ 1/10 of the fewest bytes',
      value: (of) => of(labelOf(OURS), 'bytes') / Math.min(...PEERS.map((peer) => of(labelOf(peer), 'bytes'))),
      atMost: 1 / 10,
    },
  ],
  measure: (lab, contender) =>
    lab.play(contender, async ({ server, load, createSessions, watch, pace }) => {
      // Others first, for the compilers.
      const sessions = await createSessions(4)
      let last = { ms: 0, bytes: 0 }
      for (const session of sessions) {
        await watch([session], { as: 'wire' })
        const seen = load.call('until', SEEN)
        await pace([session], 20_000, SEEN / 20_000)
        await seen
        await load.call('drop')
        await pace([session], 20_000, MISSED / 20_000)
        const before = await server.call('usage', true)
        const { beginMs, endMs } = await load.call('comeBack', MISSED)
        const after = await server.call('usage')
        last = { ms: endMs - beginMs, bytes: after.sentBytes - before.sentBytes }
        await load.call('drop')
      }
      return last
    }),
}
