import { OURS } from '../contenders.ts'
import { labelOf } from '../lab.ts'
import type { Lab, Stage } from '../lab.ts'
import type { Work } from '../work.ts'
import { comeBack } from './w6-return.ts'
import { fanOut } from './w3-fan-out.ts'
import { stream } from './w1-stream.ts'
import { foldTimes } from './w7-fold.ts'

const SMALL = 1 / 4
const LARGE = 4

/** No work may cost more than in proportion to its size; the rest is what clocks and compilers do. */
const LINEAR = 1.1

const COLUMNS = {
  events: 'events of a session (W1)',
  viewers: 'viewers of a session (W3)',
  sessions: 'sessions that come back (W6)',
  messageLength: 'length of a message, folded (W7)',
  messageCount: 'messages before it, folded (W7)',
  attach: 'messages, attached to (W2b)',
}

export const growth: Work = {
  name: 'growth',
  title: 'How cost grows with the size of the work',
  text: 'The exponent: the work at a quarter and at four times its size, log(cost ratio) / log 16. 1 is in proportion, 0 is no growth at all.',
  contenders: [OURS],
  columns: Object.entries(COLUMNS).map(([figure, title]) => ({ figure, title, digits: 2 })),
  goals: Object.keys(COLUMNS).map((figure) => ({
    text: `${figure} ≤ ${LINEAR}`,
    value: (of) => of(labelOf(OURS), figure),
    atMost: LINEAR,
  })),
  mostRuns: 1,
  measure: async (lab) => ({
    events: await exponent(async (scale) => (100_000 * scale) / ((await stream.measure(lab, OURS, scale))['tokensPerSecond'] ?? NaN)),
    viewers: await exponent(async (scale) => scale / ((await fanOut.measure(lab, OURS, scale))['burst'] ?? NaN)),
    sessions: await exponent(async (scale) => (await comeBack.measure(lab, OURS, scale))['ms'] ?? NaN),
    messageLength: await exponent(async (scale) => foldTimes(100_000 * scale, 100).tens * scale),
    messageCount: await exponent(async (scale) => foldTimes(100_000, 1000 * scale).tens),
    attach: await exponent((scale) => attachTime(lab, 200 * scale)),
  }),
}

async function exponent(cost: (scale: number) => Promise<number>): Promise<number> {
  const small = await cost(SMALL)
  const large = await cost(LARGE)
  return Math.log(large / small) / Math.log(LARGE / SMALL)
}

function attachTime(lab: Lab, messages: number): Promise<number> {
  return lab.play(OURS, async ({ address, load, createSessions, say }: Stage) => {
    const sessions = await createSessions(1)
    const [session = ''] = sessions
    await say(sessions, 100, messages)
    for (let time = 0; time < 3; time += 1) await load.call('attachFresh', address, session)
    const { beginMs, endMs } = await load.call('attachFresh', address, session)
    return endMs - beginMs
  })
}
