import { ALL_OURS, DURABLE_STREAMS, ratioTo, SOCKET_IO, WS, WS_COALESCED } from '../contenders.ts'
import type { Work } from '../work.ts'

const TOKENS = 100_000
const WARM_UPS = 3

export const stream: Work = {
  name: 'W1',
  title: '100,000 tokens, one session, one viewer',
  text: 'From the first token that the agent makes to the last that the viewer has. Throughline is watched through the SDK, and stores first. The agent gives the event loop a turn after each 512 tokens. Before, three other sessions had as many, for the compilers.',
  contenders: [...ALL_OURS, WS, WS_COALESCED, DURABLE_STREAMS, SOCKET_IO],
  columns: [
    { figure: 'tokensPerSecond', title: 'tokens/s' },
    { figure: 'cpu', title: 'server CPU, µs a token', digits: 2 },
  ],
  goals: [
    { text: '≥ 2× ws', value: ratioTo(WS, 'tokensPerSecond'), atLeast: 2 },
    { text: '≥ 3× durable-streams', value: ratioTo(DURABLE_STREAMS, 'tokensPerSecond'), atLeast: 3 },
    { text: '≥ 4× socket.io', value: ratioTo(SOCKET_IO, 'tokensPerSecond'), atLeast: 4 },
  ],
  measure: (lab, contender, scale) =>
    lab.play(contender, async ({ server, load, createSessions, watch, say }) => {
      const tokens = TOKENS * scale
      const [session = '', ...others] = await createSessions(1 + WARM_UPS)
      await watch([session, ...others])
      // For the compilers of all sides.
      for (const [index, other] of others.entries()) {
        const warm = load.call('until', (index + 1) * TOKENS)
        await say([other], TOKENS)
        await warm
      }
      const before = await server.call('usage')
      const arrived = load.call('until', WARM_UPS * TOKENS + tokens)
      const { beginMs } = await say([session], tokens)
      const seconds = ((await arrived) - beginMs) / 1000
      const after = await server.call('usage')
      return { tokensPerSecond: tokens / seconds, cpu: ((after.cpuMs - before.cpuMs) * 1000) / tokens }
    }),
}
