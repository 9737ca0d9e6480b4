import { EMPTY_TRANSCRIPT, type SessionEvent, type Transcript } from '@throughline/sdk/protocol'
import { applyEvents } from '@throughline/sdk/transcript'
import { MESSAGE_ID, tokenEvent } from '../event.ts'
import { labelOf, type Contender } from '../lab.ts'
import type { Work } from '../work.ts'

const TOKENS = 100_000
const MESSAGES = 1000
const CLIENT: Contender = { peer: 'throughline' }

export const fold: Work = {
  name: 'W7',
  title: 'The client folds 100,000 tokens into one message, with 1,000 messages before it',
  text: 'In Node, without a page. By how many events come in one batch: at 100 tokens/s each comes alone, in a burst hundreds are one event.',
  contenders: [CLIENT],
  columns: [
    { figure: 'alone', title: '1 event a batch, µs a token', digits: 2 },
    { figure: 'tens', title: '10 events a batch, µs a token', digits: 2 },
    { figure: 'merged', title: '10 tokens an event, µs a token', digits: 2 },
  ],
  goals: [
    { text: '≤ 1 µs a token, 10 a batch', value: (of) => of(labelOf(CLIENT), 'tens'), atMost: 1 },
    { text: '≤ 1 µs a token, 10 an event', value: (of) => of(labelOf(CLIENT), 'merged'), atMost: 1 },
  ],
  measure: async (_lab, _contender, scale) => foldTimes(TOKENS * scale, MESSAGES),
}

/** How long the fold takes, in µs a token. */
export function foldTimes(tokens: number, messages: number): Record<'alone' | 'tens' | 'merged', number> {
  const before = withMessages(messages)
  const alone = () => timeOf(before, tokens, 1, 'abcd')
  alone()
  return { alone: alone(), tens: timeOf(before, tokens, 10, 'abcd'), merged: timeOf(before, tokens, 1, 'abcd'.repeat(10)) }
}

function timeOf(before: Transcript, tokens: number, eventsABatch: number, text: string): number {
  const batch = Array.from({ length: eventsABatch }, () => tokenEvent(text))
  const batches = (tokens * 4) / (eventsABatch * text.length)
  let transcript = before
  const beginMs = performance.now()
  for (let count = 0; count < batches; count += 1) transcript = applyEvents(transcript, batch)
  return ((performance.now() - beginMs) * 1000) / tokens
}

/** A conversation of so many messages, with a run under way that has begun to answer. */
function withMessages(count: number): Transcript {
  let transcript: Transcript = EMPTY_TRANSCRIPT
  for (let at = 0; at < count / 2; at += 1) {
    const isLast = at + 1 >= count / 2
    const messageId = isLast ? MESSAGE_ID : `answer-${at}`
    const events: SessionEvent[] = [
      {
        type: 'RUN_STARTED',
        threadId: 's',
        runId: `run-${at}`,
        protocolVersion: '1.0',
        input: {
          threadId: 's',
          runId: `run-${at}`,
          messages: [{ id: `question-${at}`, role: 'user', content: 'Go on' }],
          tools: [],
          context: [],
        },
        timestamp: at,
      },
      { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', timestamp: at },
      ...(isLast
        ? []
        : ([
            { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: 'An answer of some length.' },
            { type: 'TEXT_MESSAGE_END', messageId, timestamp: at },
            { type: 'RUN_FINISHED', threadId: 's', runId: `run-${at}`, outcome: { type: 'success' }, timestamp: at },
          ] satisfies SessionEvent[])),
    ]
    transcript = applyEvents(transcript, events)
  }
  return transcript
}
