import { describe, expect, test } from 'vitest'
import { call, event, fold, partsOf, result, runFinished, runStarted, text, user } from './log.ts'

describe('a tool call', () => {
  test('takes its arguments, runs, and is done with its result', () => {
    const announced = fold([
      runStarted('r'),
      event('TOOL_CALL_START', { toolCallId: 't', toolCallName: 'look', parentMessageId: 'm', timestamp: 1 }),
    ])
    const part = { type: 'tool', id: 't', name: 'look', parent: 'm', at: 1 }
    expect(partsOf(announced)).toEqual([{ ...part, args: '', status: 'input' }])
    const called = fold(
      [event('TOOL_CALL_ARGS', { toolCallId: 't', delta: '{"a"' }), event('TOOL_CALL_ARGS', { toolCallId: 't', delta: ':1}' })],
      announced,
    )
    expect(partsOf(called)).toEqual([{ ...part, args: '{"a":1}', status: 'input' }])
    const running = fold([event('TOOL_CALL_END', { toolCallId: 't' })], called)
    expect(partsOf(running)).toEqual([{ ...part, args: '{"a":1}', status: 'running' }])
    expect(partsOf(fold([result('t', 'seen', { timestamp: 2, subagentRunId: 's1', metadata: { a: 1 } })], running))).toEqual([
      {
        ...part,
        args: '{"a":1}',
        status: 'done',
        result: { id: 't-result', content: 'seen', subagent: 's1', metadata: { a: 1 } },
        endedAt: 2,
      },
    ])
  })

  test('stays in its place between texts while it is answered', () => {
    const log = [runStarted('r'), ...text('m', 'a'), ...call('t'), ...text('m', 'b'), result('t')]
    expect(partsOf(fold(log)).map(({ type }) => type)).toEqual(['text', 'tool', 'text'])
  })

  test('is told by its id from another of the same name', () => {
    const log = [runStarted('r'), ...call('t', '1'), ...call('u', '2'), result('u', 'two'), result('t', 'one')]
    expect(partsOf(fold(log))).toMatchObject([
      { id: 't', args: '1', result: { content: 'one' } },
      { id: 'u', args: '2', result: { content: 'two' } },
    ])
  })

  test('that is announced again stays as it is, but for its name and metadata', () => {
    const before = fold([runStarted('r'), ...call('t', '1'), result('t')])
    expect(fold(call('t', '2'), before)).toBe(before)
    const renamed = fold([event('TOOL_CALL_START', { toolCallId: 't', toolCallName: 'see', metadata: { a: 1 } })], before)
    expect(partsOf(renamed)).toMatchObject([{ name: 'see', args: '1', status: 'done', metadata: { a: 1 } }])
  })

  test('that runs when it is announced again goes on running', () => {
    const before = fold([runStarted('r'), ...call('t', '{}')])
    expect(fold(call('t', '{}'), before)).toBe(before)
  })

  test('that was announced without arguments takes them when it is announced again', () => {
    const before = fold([
      runStarted('r'),
      event('TOOL_CALL_START', { toolCallId: 't', toolCallName: 'look' }),
      event('TOOL_CALL_END', { toolCallId: 't' }),
    ])
    expect(partsOf(fold(call('t', '{}'), before))).toMatchObject([{ args: '{}', status: 'running' }])
  })

  test('that nobody announced makes one part of its result, and no blank text', () => {
    expect(partsOf(fold([runStarted('r'), result('t', 'seen', { timestamp: 3 })]))).toEqual([
      { type: 'tool', id: 't', name: '', args: '', status: 'done', result: { id: 't-result', content: 'seen' }, at: 3 },
    ])
  })

  test('of an earlier run takes a late result where it stands', () => {
    const log = [runStarted('r'), ...call('t'), runFinished('r'), runStarted('q', [user('u')]), result('t', 'late')]
    expect(fold(log).messages[0]?.parts).toMatchObject([{ status: 'done', result: { content: 'late' } }])
  })

  test('takes arguments only until they are complete', () => {
    const before = fold([runStarted('r'), ...call('t', '{}')])
    expect(
      fold([event('TOOL_CALL_ARGS', { toolCallId: 't', delta: 'x' }), event('TOOL_CALL_ARGS', { toolCallId: 'u', delta: 'x' })], before),
    ).toBe(before)
  })

  test('keeps a result of several parts', () => {
    const content = [
      { type: 'text', text: 'a map' },
      { type: 'image', source: { type: 'url', value: 'https://x/y.png' } },
    ]
    expect(partsOf(fold([runStarted('r'), ...call('t'), result('t', content)]))).toMatchObject([{ result: { content } }])
  })
})
