import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY_TRANSCRIPT, EVENT_TYPES, type SessionEvent, type Transcript } from '../../src/protocol/index.ts'
import { applyEvents, lastRunOf, statusOf, toAgUiMessages, windowOf } from '../../src/transcript/index.ts'
import { anyLog, cutAt, cuts, merge } from './any-log.ts'
import { call, event, fold, partsOf, result, runFinished, runStarted, text, user } from './log.ts'

const roundTrip = (transcript: Transcript): Transcript => JSON.parse(JSON.stringify(transcript)) as Transcript

/** A long conversation, with an answer that is being written. */
function conversation(runs: number): Transcript {
  const log = Array.from({ length: runs }, (_, index) => [
    runStarted(`r${index}`, [user(`u${index}`)]),
    ...text(`m${index}`, 'x'),
    ...call(`t${index}`),
    result(`t${index}`),
    runFinished(`r${index}`),
  ])
  const writing = [runStarted('r', [user('u')]), event('TEXT_MESSAGE_START', { messageId: 'm' })]
  return fold([...log.flat(), ...writing])
}

const tokens = (count: number): SessionEvent[] =>
  Array.from({ length: count }, () => event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: 'x' }))

describe('any log', () => {
  test('gives the same transcript, wherever it is cut into a snapshot and batches, its deltas merged or not', () => {
    fc.assert(
      fc.property(anyLog, fc.double({ min: 0, max: 1, noNaN: true }), cuts, cuts, fc.boolean(), (log, place, early, late, merged) => {
        const whole = fold(log)
        const [before = [], after = []] = cutAt(log, [place])
        let transcript = EMPTY_TRANSCRIPT
        for (const batch of cutAt(before, early)) transcript = fold(batch, transcript)
        transcript = roundTrip(transcript)
        for (const batch of cutAt(after, late)) transcript = fold(merged ? merge(batch) : batch, transcript)
        expect(transcript).toStrictEqual(whole)
        expect(Object.keys(transcript.custom)).toEqual(Object.keys(whole.custom))
      }),
      { numRuns: 150 },
    )
  })

  test('gives a transcript that JSON holds as it is', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        expect(roundTrip(fold(log))).toStrictEqual(fold(log))
      }),
    )
  })

  test('has each message id and each place of a part once', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const { messages, runs } = fold(log)
        const own = messages.filter(({ role }) => role === 'assistant').map(({ id }) => id)
        expect(new Set(own).size).toBe(own.length)
        expect(messages.every(({ parts, role }) => parts.length > 0 || role !== 'assistant')).toBe(true)
        expect(runs.slice(0, -1).every(({ state: { status } }) => status !== 'running' && status !== 'stopping')).toBe(true)
      }),
    )
  })

  test('leaves nothing open behind its last terminal event but calls that wait', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const transcript = fold([...log, event('RUN_ERROR', { message: 'x' })])
        for (const part of partsOf(transcript)) {
          expect(part).not.toHaveProperty('open')
          if (part.type === 'tool' && statusOf(fold(log)) === 'running') expect(['done', 'cancelled', 'interrupted']).toContain(part.status)
        }
      }),
    )
  })
})

describe('what an event does not touch', () => {
  test('keeps its identity: a message that is the same is the same object', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        let before = EMPTY_TRANSCRIPT
        for (const it of log) {
          const after = applyEvents(before, [it])
          for (const message of after.messages) {
            const former = before.messages.find(({ id, role }) => id === message.id && role === message.role)
            if (former === undefined || former === message) continue
            expect(message).not.toStrictEqual(former)
            for (const part of message.parts) {
              const twin = former.parts.find((other) => JSON.stringify(other) === JSON.stringify(part))
              if (twin !== undefined) expect(former.parts).toContain(part)
            }
          }
          before = after
        }
      }),
      { numRuns: 50 },
    )
  })

  test('keeps its identity over a batch of many events', () => {
    const before = conversation(20)
    const after = fold([...tokens(5), event('TEXT_MESSAGE_END', { messageId: 'm' }), ...call('t'), result('t0', 'again')], before)
    const changed = after.messages.filter((message, index) => message !== before.messages[index])
    expect(changed.map(({ id }) => id)).toEqual(['r0', 'r'])
    expect(after.messages[1]?.parts[0]).toBe(before.messages[1]?.parts[0])
    expect(after.runs).toBe(before.runs)
    expect(after.custom).toBe(before.custom)
  })

  test('is all of it where there is no event, or none that changes anything', () => {
    const before = conversation(1)
    expect(fold([], before)).toBe(before)
    expect(fold([event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: '' })], before)).toBe(before)
  })

  test('is never changed itself', () => {
    fc.assert(
      fc.property(anyLog, anyLog, (log, more) => {
        const before = fold(log)
        const copy = JSON.stringify(before)
        fold(more, before)
        expect(JSON.stringify(before)).toBe(copy)
      }),
    )
  })
})

describe('a token', () => {
  /** Counts how often lists as long as that of the messages are gone through while events are applied, as each copy of one does. */
  function copiesOf(transcript: Transcript, events: readonly SessionEvent[]): number {
    const { length } = transcript.messages
    const iterate = Array.prototype[Symbol.iterator]
    let copies = 0
    // oxlint-disable-next-line no-extend-native -- put back below; nothing else tells how often a list is copied
    Array.prototype[Symbol.iterator] = function (this: unknown[]) {
      if (this.length === length) copies += 1
      return iterate.call(this)
    }
    try {
      applyEvents(transcript, events)
    } finally {
      // oxlint-disable-next-line no-extend-native
      Array.prototype[Symbol.iterator] = iterate
    }
    return copies
  }

  test('copies what it touches once a batch, however many come', () => {
    const transcript = conversation(100)
    expect(copiesOf(transcript, tokens(1))).toBe(1)
    expect(copiesOf(transcript, tokens(1000))).toBe(1)
  })

  test('looks into no message but the newest', () => {
    const transcript = conversation(100)
    const sealed = transcript.messages.slice(0, -1).map(
      () =>
        new Proxy({} as Transcript['messages'][number], {
          get() {
            throw new Error('an old message was looked into')
          },
        }),
    )
    const messages = [...sealed, ...transcript.messages.slice(-1)]
    expect(applyEvents({ ...transcript, messages }, tokens(3)).messages.at(-1)?.parts).toMatchObject([{ text: 'xxx' }])
  })

  test('makes as many new objects as there are around it', () => {
    const before = fold(tokens(10_000), conversation(100))
    const after = fold(tokens(1000), before)
    expect(after.messages.slice(0, -1).every((message, index) => message === before.messages[index])).toBe(true)
    expect(after.runs).toBe(before.runs)
  })
})

describe('whatever JSON comes', () => {
  const poison = fc.constantFrom<unknown>(
    { toString: 1, valueOf: 1 },
    null,
    [],
    {},
    [null],
    { id: null },
    { type: 'interrupt', interrupts: null },
    0,
    'm1',
  )
  const value = fc.oneof(poison, fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('r0', 'm1', 't1', 'user', 'assistant', 'tool'))
  const FIELDS = [
    ...[
      'messageId',
      'toolCallId',
      'toolCallName',
      'parentMessageId',
      'delta',
      'content',
      'role',
      'name',
      'value',
      'runId',
      'input',
      'messages',
    ],
    ...[
      'metadata',
      'timestamp',
      'subagentRunId',
      'outcome',
      'usage',
      'message',
      'code',
      'result',
      'stepName',
      'patch',
      'snapshot',
      'replace',
    ],
    ...['activityType', 'entityId', 'encryptedValue', 'subtype', 'description'],
  ]
  const fields = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 8 })
  const names = ['queued', 'unqueued', 'stopping', 'answered', 'rewound'].map((name) => `throughline/${name}`)
  const ownValue = fc.dictionary(
    fc.constantFrom('message', 'input', 'by', 'first', 'run', 'interrupt', 'toolCallId', 'status', 'payload', 'from'),
    value,
  )
  const message = fc.dictionary(
    fc.constantFrom('id', 'role', 'content', 'toolCalls', 'toolCallId', 'activityType', 'metadata', 'name'),
    value,
  )
  const anyEvent = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...EVENT_TYPES), fields).map(([type, more]) => event(type, more)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), ownValue).map(([name, it]) => event('CUSTOM', { name, value: it })) },
    { weight: 1, arbitrary: fc.array(message).map((messages) => event('MESSAGES_SNAPSHOT', { messages })) },
    { weight: 1, arbitrary: fc.array(message).map((messages) => event('RUN_STARTED', { runId: 'r9', input: { messages } })) },
    { weight: 1, arbitrary: fc.string().map((type) => event(type)) },
  )

  test('the fold never throws, nor does what is made of its transcript', () => {
    fc.assert(
      fc.property(anyLog, fc.array(anyEvent, { minLength: 5, maxLength: 30 }), (log, events) => {
        const transcript = fold(events, fold(log))
        statusOf(transcript)
        lastRunOf(transcript)
        toAgUiMessages(transcript)
        windowOf(transcript, 1000)
      }),
      { numRuns: 200 },
    )
  })
})
