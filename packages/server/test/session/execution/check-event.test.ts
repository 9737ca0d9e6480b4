import { describe, expect, test } from 'vitest'
import { checkEvent } from '../../../src/session/execution/check-event.ts'

const check = checkEvent
const checked = (value: unknown) => {
  const result = check(value)
  return result.kind === 'event' || result.kind === 'terminal' ? result.event : result
}

describe('an event that an agent yields', () => {
  test('is taken as it is, without the timestamp of the agent', () => {
    const said = { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant', timestamp: 1, ofLater: { a: 1 } }
    const { timestamp: _, ...kept } = said
    expect(check(said)).toEqual({ kind: 'event', event: kept })
  })

  test('may have a timestamp that AG-UI would refuse, since it goes anyway', () => {
    expect(checked({ type: 'TEXT_MESSAGE_END', messageId: 'm', timestamp: 'noon' })).toEqual({ type: 'TEXT_MESSAGE_END', messageId: 'm' })
  })

  test('is copied, so that what the agent does with its objects later reaches nobody', () => {
    const snapshot = { n: 1 }
    const event = checked({ type: 'STATE_SNAPSHOT', snapshot })
    snapshot.n = 2
    expect(event).toEqual({ type: 'STATE_SNAPSHOT', snapshot: { n: 1 } })
  })

  test('loses nulls in place of optional fields, also in what it holds', () => {
    expect(
      checked({ type: 'TOOL_CALL_START', toolCallId: 't', toolCallName: 'x', parentMessageId: null, rawEvent: null, metadata: null }),
    ).toEqual({
      type: 'TOOL_CALL_START',
      toolCallId: 't',
      toolCallName: 'x',
    })
    const part = { type: 'text', text: 'x', id: null }
    expect(checked({ type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'm', content: [part] })).toMatchObject({
      content: [{ type: 'text', text: 'x' }],
    })
    expect(checked({ type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'm', role: 'assistant', content: null, name: null }] })).toEqual({
      type: 'MESSAGES_SNAPSHOT',
      messages: [{ id: 'm', role: 'assistant' }],
    })
    expect(checked({ type: 'RUN_FINISHED', outcome: null, usage: [{ model: null, inputTokens: 1 }] })).toEqual({
      type: 'RUN_FINISHED',
      threadId: '',
      runId: '',
      usage: [{ inputTokens: 1 }],
    })
  })

  test("keeps the nulls of data that is the app's own", () => {
    for (const event of [
      { type: 'STATE_SNAPSHOT', snapshot: null },
      { type: 'CUSTOM', name: 'x', value: null },
      { type: 'RAW', event: null },
      { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/a', value: null }] },
      { type: 'CUSTOM', name: 'x', value: { a: null }, metadata: { b: null }, rawEvent: { c: null } },
    ])
      expect(check(event)).toEqual({ kind: 'event', event })
  })

  test('of an unknown type passes, without nulls in what every event may have', () => {
    expect(checked({ type: 'THINKING', title: null, subagentRunId: null, rawEvent: null })).toEqual({ type: 'THINKING', title: null })
  })

  test("that is RUN_STARTED is the host's to write, whatever it says", () => {
    expect(check({ type: 'RUN_STARTED' })).toEqual({ kind: 'ignored' })
  })

  test('that ends the run may name any run, or none', () => {
    expect(check({ type: 'RUN_FINISHED', threadId: 'x', runId: null, result: 1 })).toEqual({
      kind: 'terminal',
      event: { type: 'RUN_FINISHED', threadId: '', runId: '', result: 1 },
    })
    expect(check({ type: 'RUN_ERROR', message: 'no' })).toEqual({ kind: 'terminal', event: { type: 'RUN_ERROR', message: 'no' } })
  })
})

describe('a delta', () => {
  test.each([
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'x' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId: 'm', delta: 'x', subagentRunId: 's' },
    { type: 'TOOL_CALL_ARGS', toolCallId: 't', delta: 'x' },
  ])('is copied: $type', (delta) => {
    const event = checked(delta)
    expect(event).toEqual(delta)
    expect(event).not.toBe(delta)
  })

  test('without an attribution has no such field, so that it can be merged', () => {
    expect(Object.keys(checked({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'x', subagentRunId: undefined }))).toHaveLength(3)
  })
})

describe('what is no event is named', () => {
  const circular: Record<string, unknown> = { type: 'RAW' }
  circular['event'] = circular
  test.each<[unknown, string]>([
    [undefined, 'it is no object'],
    [null, 'it is no object'],
    ['TEXT', 'it is no object'],
    [[], 'it is no object'],
    [() => {}, 'it is no object'],
    [{}, 'it has no type'],
    [{ type: 7 }, 'it has no type'],
    [{ type: 'RAW', event: 1n }, 'it is no JSON'],
    [circular, 'it is no JSON'],
    [{ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm' }, 'TEXT_MESSAGE_CONTENT.delta'],
    [{ type: 'TEXT_MESSAGE_CONTENT', messageId: null, delta: 'x' }, 'TEXT_MESSAGE_CONTENT.messageId'],
    [{ type: 'TOOL_CALL_ARGS', messageId: 'm', delta: 'x' }, 'TOOL_CALL_ARGS.toolCallId'],
    [{ type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'wizard' }, 'TEXT_MESSAGE_START.role'],
    [{ type: 'CUSTOM', name: 'x' }, 'CUSTOM.value'],
    [{ type: 'STATE_DELTA', delta: [{ op: 'add', path: 'a', value: 1 }] }, 'STATE_DELTA.delta.0.path'],
    [{ type: 'RUN_FINISHED', outcome: { type: 'interrupt', interrupts: [] } }, 'RUN_FINISHED.outcome.interrupts'],
    [{ type: 'CUSTOM', name: 'throughline/queued', value: {} }, 'CUSTOM.name: throughline/queued'],
    [{ type: 'TYPE_OF_TOMORROW', subagentRunId: 7 }, 'TYPE_OF_TOMORROW.subagentRunId'],
    [{ type: 'TYPE_OF_TOMORROW', metadata: [] }, 'TYPE_OF_TOMORROW.metadata'],
  ])('%o', (value, fault) => {
    expect(check(value)).toEqual({ kind: 'faulty', fault: expect.stringContaining(fault) })
  })

  test('also where it cannot even be looked at', () => {
    const hostile = {
      get type(): string {
        throw new Error('not today')
      },
    }
    expect(check(hostile)).toEqual({ kind: 'faulty', fault: 'it is no JSON: not today' })
  })
})
