import { describe, expect, test } from 'vitest'
import { EMPTY_TRANSCRIPT, type SessionEvent } from '../../src/protocol/index.ts'
import { activity, custom, event, fold, partsOf, runFinished, runStarted } from './log.ts'

describe('agent state', () => {
  test('is replaced by a snapshot and patched by a delta', () => {
    const log = [
      runStarted('r'),
      event('STATE_SNAPSHOT', { snapshot: { a: { b: 1 } } }),
      event('STATE_DELTA', { delta: [{ op: 'add', path: '/a/c', value: 2 }] }),
    ]
    expect(fold(log).agentState).toEqual({ a: { b: 1, c: 2 } })
  })

  test('is patched from an empty object where nobody set it', () => {
    expect(fold([event('STATE_DELTA', { delta: [{ op: 'add', path: '/a', value: 1 }] })]).agentState).toEqual({ a: 1 })
  })

  test('stays as it is by a patch that fails', () => {
    const before = fold([event('STATE_SNAPSHOT', { snapshot: { a: 1 } })])
    const delta = [
      { op: 'add', path: '/b', value: 1 },
      { op: 'remove', path: '/c' },
    ]
    expect(fold([event('STATE_DELTA', { delta })], before)).toBe(before)
  })
})

describe('an activity', () => {
  const begun = fold([runStarted('r'), activity('p', { step: 1 }, { metadata: { a: 1 }, timestamp: 4, subagentRunId: 's1' })])

  test('is a part of its run', () => {
    expect(partsOf(begun)).toEqual([
      { type: 'activity', id: 'p', activityType: 'PLAN', content: { step: 1 }, at: 4, subagent: 's1', metadata: { a: 1 } },
    ])
  })

  test('is replaced where it stands, its metadata gathered, its subagent anew', () => {
    const log = [runFinished('r'), runStarted('q'), activity('p', { step: 2 }, { metadata: { b: 2 } })]
    expect(fold(log, begun).messages[0]?.parts).toEqual([
      { type: 'activity', id: 'p', activityType: 'PLAN', content: { step: 2 }, at: 4, metadata: { a: 1, b: 2 } },
    ])
  })

  test('keeps its content where it is told not to replace', () => {
    expect(fold([activity('p', { step: 2 }, { replace: false })], begun)).toBe(begun)
    expect(partsOf(fold([activity('p', { step: 2 }, { replace: false, metadata: { b: 2 } })], begun))).toMatchObject([
      { content: { step: 1 }, metadata: { a: 1, b: 2 } },
    ])
  })

  test('is patched where it stands; a patch that fails, or leaves no object, changes only its metadata', () => {
    const patch = (operations: readonly unknown[], more: Record<string, unknown> = {}) =>
      partsOf(fold([event('ACTIVITY_DELTA', { messageId: 'p', activityType: 'LIST', patch: operations, ...more })], begun))
    expect(patch([{ op: 'replace', path: '/step', value: 2 }])).toMatchObject([{ activityType: 'LIST', content: { step: 2 } }])
    expect(patch([{ op: 'remove', path: '/x' }], { metadata: { b: 2 } })).toMatchObject([
      { activityType: 'PLAN', content: { step: 1 }, metadata: { a: 1, b: 2 } },
    ])
    expect(patch([{ op: 'replace', path: '', value: 5 }])).toMatchObject([{ activityType: 'PLAN', content: { step: 1 } }])
  })

  test('that is not known cannot be patched, nor begun outside a run', () => {
    const ended = fold([runFinished('r')], begun)
    expect(fold([activity('q', {}), event('ACTIVITY_DELTA', { messageId: 'q', activityType: 'PLAN', patch: [] })], ended)).toBe(ended)
  })
})

describe('an encrypted value', () => {
  const encrypted = (subtype: string, entityId: string) => event('REASONING_ENCRYPTED_VALUE', { subtype, entityId, encryptedValue: 'x' })
  const log = [
    runStarted('r', [{ id: 'u', role: 'user', content: 'Hi' }]),
    event('REASONING_MESSAGE_START', { messageId: 'm' }),
    event('REASONING_MESSAGE_CONTENT', { messageId: 'm', delta: 'hm' }),
    event('TOOL_CALL_START', { toolCallId: 't', toolCallName: 'look' }),
    event('TOOL_CALL_RESULT', { toolCallId: 't', messageId: 'a', content: 'seen' }),
  ]

  test.each([
    ['message', 'm', 1, { encryptedValue: 'x' }],
    ['tool-call', 't', 2, { encryptedValue: 'x' }],
    ['message', 'a', 2, { result: { encryptedValue: 'x' } }],
    ['message', 'u', 0, { encryptedValue: 'x' }],
  ])('of a %s is kept where its id is: %s', (subtype, id, index, expected) => {
    expect(partsOf(fold([...log, encrypted(subtype, id)]))[index]).toMatchObject(expected)
  })

  test('of an id that is not known is ignored', () => {
    const before = fold(log)
    expect(fold([encrypted('message', 't'), encrypted('tool-call', 'm'), encrypted('message', 'x')], before)).toBe(before)
  })
})

describe('an app event', () => {
  test('keeps its last value by name', () => {
    expect(fold([custom('app/a', 1), custom('app/b', 2), custom('app/a', 3)]).custom).toEqual({ 'app/a': 3, 'app/b': 2 })
    expect(Object.keys(fold([custom('app/a', 1), custom('app/b', 2), custom('app/a', 3)]).custom)).toEqual(['app/b', 'app/a'])
  })

  test('drops the name that was set longest ago once there are too many', () => {
    const log = Array.from({ length: 64 }, (_, index) => custom(`n${index}`, index))
    const { custom: values } = fold([...log, custom('n0', 'again'), custom('more', 1)])
    expect(Object.keys(values)).toHaveLength(64)
    expect(Object.keys(values).slice(-2)).toEqual(['n0', 'more'])
    expect('n1' in values).toBe(false)
  })

  /** Values of which each, with its name, is as large as a quarter of what is kept. */
  const quarter = (name: string) => custom(name, 'ü'.repeat((64 * 1024 - `["${name}",""]`.length) / 2))

  test('drops what was set longest ago once there are too many bytes', () => {
    const names = (log: readonly SessionEvent[]) => Object.keys(fold(log).custom)
    const full = ['na', 'nb', 'nc', 'nd'].map(quarter)
    expect(names(full)).toEqual(['na', 'nb', 'nc', 'nd'])
    expect(names([...full, custom('more', 1)])).toEqual(['nb', 'nc', 'nd', 'more'])
    expect(names([...full, custom('na', 1), custom('more', 1)])).toEqual(['nb', 'nc', 'nd', 'na', 'more'])
    expect(names([...full, quarter('nb'), quarter('ne')])).toEqual(['nc', 'nd', 'nb', 'ne'])
  })

  test('keeps the newest, however large it is', () => {
    const { custom: values } = fold([custom('a', 1), custom('b', 'x'.repeat(300 * 1024)), custom('c', 2)])
    expect(Object.keys(values)).toEqual(['c'])
    expect(Object.keys(fold([custom('a', 1), custom('b', 'x'.repeat(300 * 1024))]).custom)).toEqual(['b'])
  })

  test('is weighed when it comes, and not again with each that follows', () => {
    let weighings = 0
    const large = { toJSON: () => (weighings += 1) }
    fold([custom('large', large), ...Array.from({ length: 20 }, (_, index) => custom('small', index))])
    expect(weighings).toBe(1)
  })

  test('is weighed also where it came with a snapshot', () => {
    const { custom: before } = fold(['na', 'nb', 'nc', 'nd'].map(quarter))
    expect(Object.keys(fold([custom('more', 1)], { ...EMPTY_TRANSCRIPT, custom: before }).custom)).toEqual(['nb', 'nc', 'nd', 'more'])
    const copy = structuredClone(before)
    expect(Object.keys(fold([custom('more', 1)], { ...EMPTY_TRANSCRIPT, custom: copy }).custom)).toEqual(['nb', 'nc', 'nd', 'more'])
  })

  test('may have any name', () => {
    const { custom: values } = fold([custom('__proto__', { polluted: true }), custom('toString', 1), custom('x', 2)])
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
    expect(Object.keys(values)).toEqual(['__proto__', 'toString', 'x'])
    expect(JSON.parse(JSON.stringify(values))).toEqual(values)
  })

  test('with an id has its place in the run, and is replaced there', () => {
    const log = [
      runStarted('r'),
      custom('app/chart', { id: 'c', points: 1 }),
      custom('app/other', { id: 'c' }),
      runFinished('r'),
      custom('app/chart', { id: 'c', points: 2 }),
      custom('app/chart', { id: 'd' }),
    ]
    expect(partsOf(fold(log))).toEqual([
      { type: 'data', id: 'c', name: 'app/chart', value: { id: 'c', points: 2 } },
      { type: 'data', id: 'c', name: 'app/other', value: { id: 'c' } },
    ])
  })
})

test('an event that lacks a field it needs changes nothing', () => {
  const started = [runStarted('r'), event('STATE_SNAPSHOT', { snapshot: 1 })]
  const before = fold([...started, event('TOOL_CALL_START', { toolCallId: 't', toolCallName: 'look' })])
  const log = [
    event('RUN_STARTED'),
    event('TEXT_MESSAGE_START'),
    event('TEXT_MESSAGE_START', { role: 'system' }),
    event('REASONING_MESSAGE_START', { messageId: 5 }),
    event('TOOL_CALL_START', { toolCallName: 'look' }),
    event('TOOL_CALL_START', { toolCallId: 'u' }),
    event('TOOL_CALL_ARGS', { toolCallId: 't' }),
    event('TOOL_CALL_ARGS', { toolCallId: 't', delta: { toString: 1 } }),
    event('TOOL_CALL_RESULT', { toolCallId: 't', messageId: 'a' }),
    event('ACTIVITY_SNAPSHOT', { messageId: 'p', activityType: 'PLAN', content: 5 }),
    event('STATE_SNAPSHOT'),
    event('STATE_DELTA'),
    event('MESSAGES_SNAPSHOT'),
    event('REASONING_ENCRYPTED_VALUE', { encryptedValue: 'x' }),
    event('CUSTOM', { name: 'app/a' }),
    event('CUSTOM', { value: 5 }),
    custom('throughline/queued', { message: { id: 'u', role: 'user' }, by: 'ann' }),
  ]
  for (const it of log) expect(fold([it], before)).toBe(before)
})

test('RAW, spans and chunks change nothing, nor does a type that is not known', () => {
  const before = fold([runStarted('r')])
  const log = [
    event('RAW', { event: { a: 1 } }),
    event('REASONING_START', { messageId: 'm' }),
    event('REASONING_END', { messageId: 'm' }),
    event('TEXT_MESSAGE_CHUNK', { messageId: 'm', delta: 'x' }),
    event('REASONING_MESSAGE_CHUNK', { messageId: 'm', delta: 'x' }),
    event('TOOL_CALL_CHUNK', { toolCallId: 't', toolCallName: 'look', delta: 'x' }),
    event('HOLOGRAM_STARTED', { messageId: 'm' }),
    event('constructor'),
  ]
  expect(fold(log, before)).toBe(before)
})
