import { describe, expect, test } from 'vitest'
import { call, custom, event, fold, partsOf, runFinished, runStarted, text, user } from './log.ts'

const own = (name: string, value: unknown, timestamp?: number) =>
  event('CUSTOM', { name: `throughline/${name}`, value, ...(timestamp !== undefined && { timestamp }) })

describe('the queue', () => {
  const queued = (id: string, more: Record<string, unknown> = {}) => own('queued', { message: user(id), by: 'ann', ...more }, 5)
  const ids = (log: Parameters<typeof fold>[0]) => fold(log).queue.map(({ message }) => message.id)

  test('keeps what waits, with what was sent beside it', () => {
    expect(fold([queued('u', { input: { state: 1 } })]).queue).toEqual([{ message: user('u'), input: { state: 1 }, by: 'ann', at: 5 }])
  })

  test('is in the order of the events, but what goes first is in front', () => {
    expect(ids([queued('a'), queued('b'), queued('c', { first: true }), queued('d')])).toEqual(['c', 'a', 'b', 'd'])
  })

  test('has each message once', () => {
    expect(ids([queued('a'), queued('a')])).toEqual(['a'])
  })

  test('loses what is taken back', () => {
    const before = fold([queued('a'), queued('b')])
    expect(fold([own('unqueued', { message: 'a' })], before).queue.map(({ message }) => message.id)).toEqual(['b'])
    expect(fold([own('unqueued', { message: 'x' })], before)).toBe(before)
  })
})

describe('stopping', () => {
  test('marks the active run, and who asked first', () => {
    const log = [runStarted('r'), own('stopping', { run: 'r', by: 'ann' }), own('stopping', { run: 'r', by: 'bob' })]
    expect(fold(log).runs[0]?.state).toEqual({ status: 'stopping', stoppedBy: 'ann' })
  })

  test('changes nothing for a run that is over or another one', () => {
    const before = fold([runStarted('q'), runFinished('q'), runStarted('r')])
    expect(fold([own('stopping', { run: 'q', by: 'ann' })], before)).toBe(before)
    const ended = fold([runFinished('r')], before)
    expect(fold([own('stopping', { run: 'r', by: 'ann' })], ended)).toBe(ended)
  })

  test('ends by the terminal event, whose word counts', () => {
    const log = [runStarted('r'), own('stopping', { run: 'r', by: 'ann' }), ...text('m', 'late'), runFinished('r')]
    expect(fold(log).runs[0]?.state).toEqual({ status: 'success' })
  })
})

describe('an answer', () => {
  const interrupts = [
    { id: 'i', reason: 'input' },
    { id: 'j', reason: 'input' },
  ]
  const asked = fold([runStarted('r'), ...call('t'), runFinished('r', { type: 'interrupt', interrupts })])

  test('is kept at its interrupt until the next run', () => {
    const answered = fold([own('answered', { interrupt: 'i', status: 'resolved', payload: { ok: true }, by: 'ann' })], asked)
    expect(answered.interrupts).toEqual([
      { id: 'i', reason: 'input', run: 'r', answer: { status: 'resolved', payload: { ok: true }, by: 'ann' } },
      { id: 'j', reason: 'input', run: 'r' },
    ])
    expect(answered.interrupts[1]).toBe(asked.interrupts[1])
  })

  test('to an interrupt that is not open changes nothing', () => {
    expect(fold([own('answered', { interrupt: 'x', status: 'cancelled', by: 'ann' })], asked)).toBe(asked)
  })

  test('of a frontend tool is the result of its call', () => {
    const message = { id: 'a', role: 'tool', toolCallId: 't', content: 'yes' }
    const answered = fold([own('answered', { toolCallId: 't', message, by: 'ann' }, 6)], asked)
    expect(partsOf(answered)).toMatchObject([{ status: 'done', result: { id: 'a', content: 'yes' }, endedAt: 6 }])
  })
})

describe('rewinding', () => {
  const log = [
    runStarted('r1', [user('u1')]),
    ...text('a1', 'one'),
    runFinished('r1'),
    runStarted('r2', [user('u2')]),
    ...text('a2', 'two'),
    runFinished('r2'),
    runStarted('r3', [user('u3')]),
    ...text('a3', 'three'),
    runFinished('r3', { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input' }] }),
  ]
  const rewound = (from: unknown) => {
    const { messages, runs, interrupts } = fold([...log, own('rewound', { from })])
    return { messages: messages.map(({ id }) => id), runs: runs.map(({ id }) => id), interrupts }
  }

  test('to a user message drops it with its run and all after', () => {
    expect(rewound('u2')).toEqual({ messages: ['u1', 'r1'], runs: ['r1'], interrupts: [] })
  })

  test('to an answer keeps the run of the message that it answers', () => {
    expect(rewound('r2')).toEqual({ messages: ['u1', 'r1', 'u2'], runs: ['r1', 'r2'], interrupts: [] })
  })

  test('to the first message, or to one that is older than the window, drops all', () => {
    expect(rewound('u1')).toEqual({ messages: [], runs: [], interrupts: [] })
    expect(rewound('older')).toEqual({ messages: [], runs: [], interrupts: [] })
  })

  test('to no message changes nothing', () => {
    const before = fold(log)
    expect(fold([own('rewound', {})], before)).toBe(before)
  })

  test('keeps runs that stand before the message and have none themselves', () => {
    const empty = [runStarted('r0'), runFinished('r0'), ...log, own('rewound', { from: 'u1' })]
    expect(fold(empty).runs.map(({ id }) => id)).toEqual(['r0'])
  })
})

test('an own event that is not known is ignored, and is no value of the app', () => {
  const before = fold([runStarted('r')])
  expect(fold([own('renamed', { id: 'x' }), own('queued', null), custom('throughline/', 5)], before)).toBe(before)
})
