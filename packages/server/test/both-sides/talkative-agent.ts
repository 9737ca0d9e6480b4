import type { Agent, AgentEvent, Question } from '../../src/agent/contract.ts'
import { pick } from './seeded-random.ts'

/** What makes the agent say more than a server keeps at hand: so many states of 200 KB, each in the place of the one before. */
const FLOOD = /^"flood (\d+)"$/

const STATE = 'x'.repeat(200_000)

/** What an agent says things with. */
export interface TalkativeAgentOptions {
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Whether it can take up a run that a crash interrupted. */
  readonly resumes: boolean
}

/** An agent that says random things at random times: text, reasoning, tools, state, in one message or several at once; and asks, one thing or two. */
export function talkativeAgent({ random, sleep, resumes }: TalkativeAgentOptions): Agent {
  return {
    name: 'talkative',
    resumes,
    async *run({ signal, messages, ask }) {
      const [, states = 0] = FLOOD.exec(JSON.stringify(messages.at(-1)?.content)) ?? []
      for (let state = 0; state < Number(states) && !signal.aborted; state += 1) {
        yield { type: 'STATE_SNAPSHOT', snapshot: { state, text: STATE } }
        await sleep(1)
      }
      if (Number(states) > 0) yield { type: 'STATE_SNAPSHOT', snapshot: {} }
      const steps = 3 + Math.floor(random() * 12)
      for (let step = 0; step < steps && !signal.aborted; step += 1) {
        for (const event of utterance(random, step)) {
          yield event
          // Words that come one by one are stored one by one.
          if (event.type.endsWith('CONTENT') && random() < 0.4) await sleep(random() * 5)
        }
        if (random() < 0.6) await sleep(random() * 80)
        if (random() < 0.03) await Promise.all(questions(random).map(ask))
      }
    },
  }
}

function questions(random: () => number): Question[] {
  const expiresMs = 1_000 + random() * 30_000
  return Array.from({ length: random() < 0.3 ? 2 : 1 }, () => ({ message: 'Go on?', ...(random() < 0.2 && { expiresMs }) }))
}

function utterance(random: () => number, step: number): AgentEvent[] {
  const words = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, word) => `w${step}.${word} `)
  const kind = pick(random, ['text', 'text', 'reasoning', 'tool', 'state'] as const)
  switch (kind) {
    case 'text':
      return [
        { type: 'TEXT_MESSAGE_START', messageId: `t${step}` },
        ...words.map((delta): AgentEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: `t${step}`, delta })),
        { type: 'TEXT_MESSAGE_END', messageId: `t${step}` },
      ]
    case 'reasoning':
      return [
        { type: 'REASONING_MESSAGE_START', messageId: `r${step}`, role: 'reasoning' },
        ...words.map((delta): AgentEvent => ({ type: 'REASONING_MESSAGE_CONTENT', messageId: `r${step}`, delta })),
        { type: 'REASONING_MESSAGE_END', messageId: `r${step}` },
      ]
    case 'tool':
      return [
        { type: 'TOOL_CALL_START', toolCallId: `k${step}`, toolCallName: 'look' },
        ...words.map((delta): AgentEvent => ({ type: 'TOOL_CALL_ARGS', toolCallId: `k${step}`, delta })),
        { type: 'TOOL_CALL_END', toolCallId: `k${step}` },
        { type: 'TOOL_CALL_RESULT', messageId: `kr${step}`, toolCallId: `k${step}`, content: words.join('') },
      ]
    case 'state':
      return [
        { type: 'STATE_SNAPSHOT', snapshot: { step } },
        { type: 'CUSTOM', name: 'progress', value: step },
      ]
    default:
      return kind satisfies never
  }
}
