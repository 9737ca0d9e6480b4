import { ALL_OURS, OURS, ours } from '../contenders.ts'
import { labelOf } from '../lab.ts'
import type { Stage } from '../lab.ts'
import type { Work } from '../work.ts'

const MESSAGES = 200

export const attach: Work = {
  name: 'W2b',
  title: 'Fresh attach to a session of 100,000 tokens in 200 messages',
  text: 'From dialling to the snapshot in the viewer’s hands; then the same with twice the tokens a message.',
  contenders: ALL_OURS,
  columns: [
    { figure: 'ms', title: 'ms', digits: 1 },
    { figure: 'bytes', title: 'bytes' },
    { figure: 'frames', title: 'frames' },
    { figure: 'framesOfTwice', title: 'frames of twice the tokens' },
  ],
  goals: [
    { text: '≤ 20 ms', value: ours('ms'), atMost: 20 },
    {
      text: 'as many frames for twice the tokens',
      value: (of) => of(labelOf(OURS), 'framesOfTwice') - of(labelOf(OURS), 'frames'),
      atMost: 0,
    },
  ],
  measure: (lab, contender) =>
    lab.play(contender, async (stage) => {
      const once = await attachTo(stage, 500)
      const twice = await attachTo(stage, 1000)
      return { ...once, framesOfTwice: twice.frames }
    }),
}

async function attachTo({ address, server, load, createSessions, say }: Stage, tokensAMessage: number) {
  const sessions = await createSessions(1)
  await say(sessions, tokensAMessage, MESSAGES)
  const [session = ''] = sessions
  for (let time = 0; time < 3; time += 1) await load.call('attachFresh', address, session)
  const before = await server.call('usage', true)
  const { beginMs, endMs, frames } = await load.call('attachFresh', address, session)
  const after = await server.call('usage')
  return { ms: endMs - beginMs, bytes: after.sentBytes - before.sentBytes, frames }
}
