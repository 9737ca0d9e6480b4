import { ALL_OURS, DURABLE_STREAMS, ours, SOCKET_IO, WS, WS_COALESCED } from '../contenders.ts'
import type { Work } from '../work.ts'

const PER_SECOND = 5000
const SECONDS = 3

export const delivery: Work = {
  name: 'W1b',
  title: 'Delivery at 5,000 tokens/s, one session, one viewer',
  text: 'The age of each token when the viewer has it. Tokens are made evenly, as those of a millisecond.',
  contenders: [...ALL_OURS, WS, WS_COALESCED, DURABLE_STREAMS, SOCKET_IO],
  columns: [
    { figure: 'p50', title: 'p50, ms', digits: 2 },
    { figure: 'p99', title: 'p99, ms', digits: 2 },
    { figure: 'max', title: 'oldest, ms', digits: 1 },
  ],
  goals: [
    { text: 'p50 ≤ 0.5 ms', value: ours('p50'), atMost: 0.5 },
    { text: 'p99 ≤ 2 ms', value: ours('p99'), atMost: 2 },
  ],
  measure: (lab, contender) =>
    lab.play(contender, async ({ load, createSessions, watch, pace }) => {
      const sessions = await createSessions(1)
      await watch(sessions, { ages: true })
      const warmUp = load.call('until', PER_SECOND)
      await pace(sessions, PER_SECOND, 1)
      await warmUp
      await load.call('takeAges')
      const arrived = load.call('until', PER_SECOND * (1 + SECONDS))
      await pace(sessions, PER_SECOND, SECONDS)
      await arrived
      return { ...(await load.call('takeAges')) }
    }),
}
