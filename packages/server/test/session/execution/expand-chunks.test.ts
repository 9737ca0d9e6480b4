import type { SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { chunkExpander } from '../../../src/session/execution/expand-chunks.ts'

/** What the events stand for, each in short: its type, its id, its text, its subagent. */
function expand(...events: readonly object[]): string[] {
  let fresh = 0
  const expandOne = chunkExpander(() => `fresh-${(fresh += 1)}`)
  return events.flatMap((event) => {
    const expanded = expandOne(event as SessionEvent)
    return expanded.kind === 'events' ? expanded.events.map(short) : [`faulty: ${expanded.fault}`]
  })
}

function short(event: SessionEvent): string {
  const { type, metadata, ...fields } = event as unknown as { readonly type: string; readonly metadata?: object }
  const { messageId, toolCallId, toolCallName, delta, role, name, subagentRunId } = fields as Partial<Record<string, string>>
  const said = [messageId ?? toolCallId, toolCallName, role, name, delta === undefined ? undefined : `'${delta}'`, metadata && 'metadata']
  return [type, ...said, subagentRunId && `by ${subagentRunId}`].filter((word) => word !== undefined).join(' ')
}

const text = (fields: object) => ({ type: 'TEXT_MESSAGE_CHUNK', ...fields })
const thought = (fields: object) => ({ type: 'REASONING_MESSAGE_CHUNK', ...fields })
const call = (fields: object) => ({ type: 'TOOL_CALL_CHUNK', ...fields })

describe('chunks', () => {
  test('of a message stand for its start and its contents', () => {
    expect(expand(text({ messageId: 'm', delta: 'a' }), text({ delta: 'b' }), text({ messageId: 'm', delta: 'c' }))).toEqual([
      'TEXT_MESSAGE_START m assistant',
      "TEXT_MESSAGE_CONTENT m 'a'",
      "TEXT_MESSAGE_CONTENT m 'b'",
      "TEXT_MESSAGE_CONTENT m 'c'",
    ])
  })

  test('keep the role and the name of a message', () => {
    expect(expand(text({ messageId: 'm', role: 'user', name: 'Ann', delta: 'a' }))[0]).toBe('TEXT_MESSAGE_START m user Ann')
  })

  test('of reasoning and of tool calls do the same', () => {
    expect(expand(thought({ messageId: 'r', delta: 'a' }), thought({ delta: 'b' }))).toEqual([
      'REASONING_MESSAGE_START r reasoning',
      "REASONING_MESSAGE_CONTENT r 'a'",
      "REASONING_MESSAGE_CONTENT r 'b'",
    ])
    expect(expand(call({ toolCallId: 't', toolCallName: 'look', delta: '{' }), call({ delta: '}' }))).toEqual([
      'TOOL_CALL_START t look',
      "TOOL_CALL_ARGS t '{'",
      "TOOL_CALL_ARGS t '}'",
    ])
  })

  test('with another id, or of another kind, end what was assembled before', () => {
    expect(expand(text({ messageId: 'm', delta: 'a' }), text({ messageId: 'n', delta: 'b' }))[2]).toBe('TEXT_MESSAGE_END m')
    expect(expand(text({ messageId: 'm', delta: 'a' }), thought({ messageId: 'r', delta: 'b' }))[2]).toBe('TEXT_MESSAGE_END m')
    expect(expand(thought({ messageId: 'r', delta: 'a' }), call({ toolCallId: 't', toolCallName: 'x' }))[2]).toBe('REASONING_MESSAGE_END r')
    expect(expand(call({ toolCallId: 't', toolCallName: 'x', delta: 'a' }), text({ messageId: 'm' }))[2]).toBe('TOOL_CALL_END t')
  })

  test('carry metadata once: on the start, or on the content that goes on', () => {
    const metadata = { model: 'm' }
    expect(expand(text({ messageId: 'm', delta: 'a', metadata }), text({ delta: 'b', metadata }))).toEqual([
      'TEXT_MESSAGE_START m assistant metadata',
      "TEXT_MESSAGE_CONTENT m 'a'",
      "TEXT_MESSAGE_CONTENT m 'b' metadata",
    ])
  })

  test('without an id begin a message of their own where there is none to go on with', () => {
    expect(expand(text({ delta: 'a' }), text({ delta: 'b' }))).toEqual([
      'TEXT_MESSAGE_START fresh-1 assistant',
      "TEXT_MESSAGE_CONTENT fresh-1 'a'",
      "TEXT_MESSAGE_CONTENT fresh-1 'b'",
    ])
  })

  test('of a tool call without an id and with none to go on with are a fault: no result could find that call', () => {
    expect(expand(call({ toolCallName: 'look' }))).toEqual([expect.stringMatching(/^faulty: TOOL_CALL_CHUNK.toolCallId/)])
  })

  test('of a tool call that an explicit start named give its arguments', () => {
    expect(expand({ type: 'TOOL_CALL_START', toolCallId: 't', toolCallName: 'look' }, call({ toolCallId: 't', delta: '{' }))).toEqual([
      'TOOL_CALL_START t look',
      "TOOL_CALL_ARGS t '{'",
    ])
  })
})

describe('the lanes of several subagents', () => {
  test('are assembled each by itself', () => {
    expect(
      expand(
        text({ messageId: 'm', subagentRunId: 's1', delta: 'a' }),
        text({ messageId: 'n', subagentRunId: 's2', delta: 'b' }),
        text({ subagentRunId: 's1', delta: 'c' }),
        text({ subagentRunId: 's2', delta: 'd' }),
      ).filter((event) => event.startsWith('TEXT_MESSAGE_CONTENT')),
    ).toEqual([
      "TEXT_MESSAGE_CONTENT m 'a' by s1",
      "TEXT_MESSAGE_CONTENT n 'b' by s2",
      "TEXT_MESSAGE_CONTENT m 'c' by s1",
      "TEXT_MESSAGE_CONTENT n 'd' by s2",
    ])
  })

  test('are found by the id before the attribution', () => {
    expect(expand(text({ messageId: 'm', subagentRunId: 's1', delta: 'a' }), text({ messageId: 'm', delta: 'b' }))[2]).toBe(
      "TEXT_MESSAGE_CONTENT m 'b'",
    )
  })

  test('take a chunk that names nothing where only one of them can mean it', () => {
    const one = text({ messageId: 'm', subagentRunId: 's1', delta: 'a' })
    const other = text({ messageId: 'n', subagentRunId: 's2', delta: 'b' })
    expect(expand(one, text({ delta: 'c' }))[2]).toBe("TEXT_MESSAGE_CONTENT m 'c'")
    expect(expand(one, other, text({ delta: 'c' })).slice(4)).toEqual([
      'TEXT_MESSAGE_START fresh-1 assistant',
      "TEXT_MESSAGE_CONTENT fresh-1 'c'",
    ])
  })

  test("end with their own subagent, and with nobody else's event", () => {
    const begun = [text({ messageId: 'm', subagentRunId: 's1', delta: 'a' }), text({ messageId: 'n', delta: 'b' })]
    expect(expand(...begun, { type: 'SUBAGENT_FINISHED', subagentRunId: 's1' }).slice(4)).toEqual([
      'TEXT_MESSAGE_END m by s1',
      'SUBAGENT_FINISHED by s1',
    ])
    expect(expand(...begun, { type: 'CUSTOM', name: 'x', value: 1 }).slice(4)).toEqual(['TEXT_MESSAGE_END n', 'CUSTOM x'])
  })
})

describe('an explicit event', () => {
  const begun = text({ messageId: 'm', delta: 'a' })

  test('ends what its lane assembles', () => {
    expect(expand(begun, { type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'x', content: '' })[2]).toBe('TEXT_MESSAGE_END m')
  })

  test('about the very message that is assembled takes it over', () => {
    expect(
      expand(begun, { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'b' }, { type: 'TEXT_MESSAGE_END', messageId: 'm' }).slice(2),
    ).toEqual(["TEXT_MESSAGE_CONTENT m 'b'", 'TEXT_MESSAGE_END m'])
  })

  test('that says nothing about where a message ends leaves it open', () => {
    for (const type of ['RAW', 'ACTIVITY_DELTA', 'TYPE_OF_TOMORROW'])
      expect(expand(begun, { type }, text({ delta: 'b' })).slice(2)).toEqual([type, "TEXT_MESSAGE_CONTENT m 'b'"])
  })

  test('that restates the conversation ends every lane', () => {
    expect(
      expand(begun, text({ messageId: 'n', subagentRunId: 's', delta: 'b' }), { type: 'MESSAGES_SNAPSHOT', messages: [] }).slice(4),
    ).toEqual(['TEXT_MESSAGE_END m', 'TEXT_MESSAGE_END n by s', 'MESSAGES_SNAPSHOT'])
  })
})
