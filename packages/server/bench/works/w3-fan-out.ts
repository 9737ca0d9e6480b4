import { ALL_OURS, ratioTo, SSE, WS } from '../contenders.ts'
import type { Work } from '../work.ts'

const VIEWERS = 1000
const TOKENS = 2000
const PER_SECOND = 100
const SECONDS = 5

export const fanOut: Work = {
  name: 'W3',
  title: '1,000 viewers of one session',
  text: 'A delivery is a token at a viewer. Burst: 2,000 tokens at once. Paced: 100 tokens/s. The load only searches what comes for tokens, for every peer in the same way.',
  contenders: [...ALL_OURS, WS, SSE],
  columns: [
    { figure: 'burst', title: 'burst, deliveries/s' },
    { figure: 'pacedCpu', title: 'paced, server CPU, µs a delivery', digits: 2 },
    { figure: 'pacedP99', title: 'paced, p99, ms', digits: 1 },
  ],
  goals: [
    { text: 'burst ≥ 3× ws', value: ratioTo(WS, 'burst'), atLeast: 3 },
    { text: 'burst ≥ 1× SSE', value: ratioTo(SSE, 'burst'), atLeast: 1 },
    { text: 'paced CPU ≤ ws', value: ratioTo(WS, 'pacedCpu'), atMost: 1 },
  ],
  measure: (lab, contender, scale) =>
    lab.play(contender, async ({ server, load, createSessions, watch, say, pace }) => {
      const viewers = VIEWERS * scale
      const sessions = await createSessions(1)
      await watch(sessions, { each: viewers, as: 'light', ages: true })
      let expected = 100 * viewers
      const warmUp = load.call('until', expected)
      await say(sessions, 100)
      await warmUp

      expected += TOKENS * viewers
      const arrived = load.call('until', expected)
      const { beginMs } = await say(sessions, TOKENS)
      const burst = (TOKENS * viewers * 1000) / ((await arrived) - beginMs)

      await load.call('takeAges')
      const before = await server.call('usage', true)
      expected += PER_SECOND * SECONDS * viewers
      const paced = load.call('until', expected)
      await pace(sessions, PER_SECOND, SECONDS)
      await paced
      const after = await server.call('usage')
      const { p99 } = await load.call('takeAges')
      return { burst, pacedCpu: ((after.cpuMs - before.cpuMs) * 1000) / (PER_SECOND * SECONDS * viewers), pacedP99: p99 }
    }),
}
