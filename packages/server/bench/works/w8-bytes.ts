import { ALL_OURS, ratioTo, WS } from '../contenders.ts'
import type { Stage } from '../lab.ts'
import type { Work } from '../work.ts'

export const bytes: Work = {
  name: 'W8',
  title: 'Bytes on the wire for a live token of four characters',
  text: 'All that the server writes while tokens are made evenly, those of a millisecond together, WebSocket framing included.',
  contenders: [...ALL_OURS, WS],
  columns: [
    { figure: 'slow', title: 'at 100 tokens/s', digits: 1 },
    { figure: 'fast', title: 'at 10,000 tokens/s', digits: 1 },
  ],
  goals: [
    { text: 'at 100/s ≤ 3× ws', value: ratioTo(WS, 'slow'), atMost: 3 },
    { text: 'at 10,000/s ≤ 1/4 ws', value: ratioTo(WS, 'fast'), atMost: 0.25 },
  ],
  measure: (lab, contender) =>
    lab.play(contender, async (stage) => {
      const sessions = await stage.createSessions(1)
      await stage.watch(sessions, { as: 'light' })
      await stage.pace(sessions, 1000, 0.5)
      return { slow: await bytesAToken(stage, sessions, 100), fast: await bytesAToken(stage, sessions, 10_000) }
    }),
}

async function bytesAToken({ server, load, pace }: Stage, sessions: readonly string[], perSecond: number): Promise<number> {
  const tokens = perSecond * 2
  const arrived = load.call('until', (await load.call('tokens')) + tokens)
  const before = await server.call('usage')
  await pace(sessions, perSecond, 2)
  await arrived
  const after = await server.call('usage')
  return (after.sentBytes - before.sentBytes) / tokens
}
