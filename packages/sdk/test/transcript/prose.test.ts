import { describe, expect, test } from 'vitest'
import { event, fold, partsOf, reasoning, runFinished, runStarted, text } from './log.ts'

const start = (messageId: string, more: Record<string, unknown> = {}) => event('TEXT_MESSAGE_START', { messageId, ...more })
const content = (messageId: string, delta: string, more: Record<string, unknown> = {}) =>
  event('TEXT_MESSAGE_CONTENT', { messageId, delta, ...more })
const end = (messageId: string, more: Record<string, unknown> = {}) => event('TEXT_MESSAGE_END', { messageId, ...more })

describe('text', () => {
  test('opens with its START, grows by its contents and closes with its END', () => {
    const open = fold([runStarted('r'), start('m', { timestamp: 1 }), content('m', 'He'), content('m', 'llo')])
    expect(partsOf(open)).toEqual([{ type: 'text', id: 'm', text: 'Hello', open: true, at: 1 }])
    expect(partsOf(fold([end('m', { timestamp: 2 })], open))).toEqual([{ type: 'text', id: 'm', text: 'Hello', at: 1, endedAt: 2 }])
  })

  test('that is empty at its END goes, and its message with it, so that the next part opens the same message', () => {
    const empty = fold([runStarted('r'), ...text('m')])
    expect(empty.messages).toEqual([])
    expect(empty.runs[0]?.messages).toBe(0)
    expect(fold(text('n', 'x'), empty).messages.map(({ id }) => id)).toEqual(['r'])
  })

  test('that is empty stays while it is open', () => {
    expect(partsOf(fold([runStarted('r'), start('m')]))).toEqual([{ type: 'text', id: 'm', text: '', open: true }])
  })

  test('that is empty stays where a provider wants its encrypted form back', () => {
    const log = [
      runStarted('r'),
      event('REASONING_MESSAGE_START', { messageId: 'm' }),
      event('REASONING_ENCRYPTED_VALUE', { subtype: 'message', entityId: 'm', encryptedValue: 'x' }),
      event('REASONING_MESSAGE_END', { messageId: 'm' }),
    ]
    expect(partsOf(fold(log))).toEqual([{ type: 'reasoning', id: 'm', text: '', encryptedValue: 'x' }])
  })

  test('that is started twice while it is open stays one part', () => {
    expect(partsOf(fold([runStarted('r'), start('m'), content('m', 'a'), start('m'), content('m', 'b')]))).toEqual([
      { type: 'text', id: 'm', text: 'ab', open: true },
    ])
  })

  test('that is started again while it is open stays one part, whatever stands behind it', () => {
    const log = [runStarted('r'), start('m'), content('m', 'a'), ...reasoning('t', 'hm'), start('m'), content('m', 'b')]
    expect(partsOf(fold(log))[0]).toEqual({ type: 'text', id: 'm', text: 'ab', open: true })
    expect(partsOf(fold(log))).toHaveLength(2)
  })

  test('that goes on has not ended', () => {
    const log = [runStarted('r'), start('m', { timestamp: 1 }), content('m', 'a'), end('m', { timestamp: 2 }), start('m', { timestamp: 3 })]
    expect(partsOf(fold(log))).toEqual([{ type: 'text', id: 'm', text: 'a', open: true, at: 1 }])
  })

  test('that is started again with nothing in between goes on in its part', () => {
    const log = [runStarted('r'), ...text('m', 'a'), start('m'), content('m', 'b')]
    expect(partsOf(fold(log))).toEqual([{ type: 'text', id: 'm', text: 'ab', open: true }])
  })

  test('that is started again after something else goes on in a new part', () => {
    const log = [runStarted('r'), ...text('m', 'a'), ...reasoning('t', 'hm'), ...text('m', 'b')]
    expect(partsOf(fold(log)).map((part) => 'text' in part && part.text)).toEqual(['a', 'hm', 'b'])
  })

  test('of an earlier run is not gone on with', () => {
    const log = [runStarted('r'), ...text('m', 'a'), runFinished('r'), runStarted('q'), ...text('m', 'b')]
    expect(fold(log).messages.map(({ id, parts }) => [id, parts.length])).toEqual([
      ['r', 1],
      ['q', 1],
    ])
  })

  test('interleaves with other text by id', () => {
    const log = [
      runStarted('r'),
      start('m'),
      start('n'),
      content('m', '1'),
      content('n', '2'),
      content('m', '3'),
      end('n'),
      content('m', '4'),
    ]
    expect(partsOf(fold(log))).toEqual([
      { type: 'text', id: 'm', text: '134', open: true },
      { type: 'text', id: 'n', text: '2' },
    ])
  })

  test('of an id that is not open is ignored', () => {
    const before = fold([runStarted('r'), ...text('m', 'a')])
    expect(fold([content('m', 'b'), content('n', 'c'), end('m'), end('n')], before)).toBe(before)
  })

  test('outside a run has no place', () => {
    const before = fold([runStarted('r'), runFinished('r')])
    expect(fold(text('m', 'a'), before)).toBe(before)
  })

  test('and reasoning of one id stay apart', () => {
    const log = [runStarted('r'), start('m'), event('REASONING_MESSAGE_START', { messageId: 'm' }), content('m', 'a')]
    expect(partsOf(fold(log))).toEqual([
      { type: 'text', id: 'm', text: 'a', open: true },
      { type: 'reasoning', id: 'm', text: '', open: true },
    ])
  })

  test('gathers metadata key by key, the last write wins, and knows its subagent and name', () => {
    const log = [
      runStarted('r'),
      start('m', { metadata: { a: 1, b: 1 }, subagentRunId: 's1', name: 'Ann' }),
      content('m', 'x', { metadata: { b: 2, c: 2 } }),
      end('m', { metadata: { c: 3 } }),
    ]
    expect(partsOf(fold(log))).toEqual([{ type: 'text', id: 'm', text: 'x', subagent: 's1', name: 'Ann', metadata: { a: 1, b: 2, c: 3 } }])
  })

  test('in another role is a message of its own, and the agent goes on in a second one', () => {
    const log = [
      runStarted('r'),
      ...text('m', 'a'),
      start('n', { role: 'system', name: 'Guard', timestamp: 5 }),
      content('n', 'Stop'),
      end('n'),
      ...text('m', 'b'),
    ]
    const { messages, runs } = fold(log)
    expect(messages.map(({ id, role }) => [id, role])).toEqual([
      ['r', 'assistant'],
      ['n', 'system'],
      ['r.2', 'assistant'],
    ])
    expect(messages[1]).toEqual({
      id: 'n',
      role: 'system',
      run: 'r',
      at: 5,
      name: 'Guard',
      parts: [{ type: 'text', id: 'n', text: 'Stop' }],
    })
    expect(runs[0]?.messages).toBe(2)
  })

  test('in another role parts two messages of the agent, of which the first may still go', () => {
    const log = [runStarted('r'), start('m'), start('n', { role: 'system' }), content('n', 'x'), start('o'), content('o', 'y'), end('m')]
    const { messages, runs } = fold(log)
    expect(messages.map(({ id }) => id)).toEqual(['n', 'r.2'])
    expect(runs[0]?.messages).toBe(2)
  })

  test('in another role that is started again goes on in its message', () => {
    const again = [start('n', { role: 'system' }), content('n', 'b'), end('n')]
    const log = [runStarted('r'), start('n', { role: 'system' }), content('n', 'a'), end('n'), ...text('m', 'x'), ...again]
    expect(fold(log).messages.map(({ id, parts }) => [id, parts])).toEqual([
      ['n', [{ type: 'text', id: 'n', text: 'ab' }]],
      ['r', [{ type: 'text', id: 'm', text: 'x' }]],
    ])
  })
})

test('a span of reasoning makes no part', () => {
  const log = [
    runStarted('r'),
    event('REASONING_START', { messageId: 't' }),
    ...reasoning('t', 'hm'),
    event('REASONING_END', { messageId: 't' }),
  ]
  expect(partsOf(fold(log))).toEqual([{ type: 'reasoning', id: 't', text: 'hm' }])
})
