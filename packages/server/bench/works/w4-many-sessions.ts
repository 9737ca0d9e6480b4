import { ALL_OURS, ratioTo, SOCKET_IO, WS } from '../contenders.ts'
import type { Work } from '../work.ts'

const SESSIONS = 2000
const FIRST = 5000
const STEP = 1.25
const SECONDS = 2
const OLDEST_MS = 100

type Reached = Readonly<Record<'sustained' | 'cpu' | 'p50' | 'p99', number>>

export const manySessions: Work = {
  name: 'W4',
  title: '2,000 sessions with a viewer each',
  text: 'The most tokens/s that all of them get, all together, with 99 of 100 within 100 ms, found by steps of 25 %. The load only searches what comes for tokens.',
  contenders: [...ALL_OURS, WS, SOCKET_IO],
  columns: [
    { figure: 'sustained', title: 'tokens/s sustained' },
    { figure: 'cpu', title: 'server CPU at 5,000/s, µs a token', digits: 1 },
    { figure: 'p50', title: 'p50 there, ms', digits: 1 },
    { figure: 'p99', title: 'p99 there, ms', digits: 1 },
  ],
  goals: [
    { text: '≥ 1× ws', value: ratioTo(WS, 'sustained'), atLeast: 1 },
    { text: '≥ 2× socket.io', value: ratioTo(SOCKET_IO, 'sustained'), atLeast: 2 },
  ],
  measure: (lab, contender) =>
    lab.play(contender, async ({ server, load, createSessions, watch, pace }) => {
      const sessions = await createSessions(SESSIONS)
      await watch(sessions, { as: 'light', ages: true })
      let reached: Reached = { sustained: 0, cpu: 0, p50: 0, p99: 0 }
      let expected = FIRST
      // All runs begin, and the compilers see them.
      const warm = load.call('until', expected)
      await pace(sessions, FIRST, 1)
      await warm
      await load.call('takeAges')
      for (let perSecond = FIRST; ; perSecond = Math.round(perSecond * STEP)) {
        expected += perSecond * SECONDS
        const before = await server.call('usage')
        const arrived = load.call('until', expected)
        await pace(sessions, perSecond, SECONDS)
        await arrived
        const { p50, p99 } = await load.call('takeAges')
        const { cpuMs } = await server.call('usage')
        const cpu = reached.cpu || ((cpuMs - before.cpuMs) * 1000) / (perSecond * SECONDS)
        if (p99 > OLDEST_MS) return { ...reached, cpu }
        reached = { sustained: perSecond, cpu, p50, p99 }
      }
    }),
}
