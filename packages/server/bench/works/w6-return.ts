import { ALL_OURS, ratioTo, WS_ARRAY } from '../contenders.ts'
import type { Work } from '../work.ts'

const SESSIONS = 2000
const SEEN = 10
const MISSED = 100
const PER_SECOND = 50_000

export const comeBack: Work = {
  name: 'W6',
  title: '2,000 clients of 2,000 sessions come back at once',
  text: 'All are dropped, each session goes on by 100 tokens, and all dial again, 256 at a time: until the last has what it missed.',
  contenders: [...ALL_OURS, WS_ARRAY],
  columns: [
    { figure: 'ms', title: 'all caught up, ms' },
    { figure: 'cpu', title: 'server CPU, µs a client' },
  ],
  goals: [{ text: '≤ 1× the array journal’s time', value: ratioTo(WS_ARRAY, 'ms'), atMost: 1 }],
  measure: (lab, contender, scale) =>
    lab.play(contender, async ({ server, load, createSessions, watch, pace }) => {
      const count = SESSIONS * scale
      const sessions = await createSessions(count)
      await watch(sessions, { as: 'light' })
      const seen = load.call('until', SEEN * count)
      await pace(sessions, PER_SECOND, (SEEN * count) / PER_SECOND)
      await seen
      await load.call('drop')
      await pace(sessions, PER_SECOND, (MISSED * count) / PER_SECOND)
      const before = await server.call('usage', true)
      const { beginMs, endMs } = await load.call('comeBack', MISSED * count)
      const after = await server.call('usage')
      return { ms: endMs - beginMs, cpu: ((after.cpuMs - before.cpuMs) * 1000) / count }
    }),
}
