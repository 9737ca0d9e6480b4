import type { Message, SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { eventRepair, type EventRepairOptions } from '../../../src/session/execution/repair-events.ts'

function repairing(options: Partial<EventRepairOptions> = {}) {
  let fresh = 0
  const repair = eventRepair({ messages: [], isTaken: (id) => id === 'taken', newId: () => `fresh-${(fresh += 1)}`, ...options })
  return {
    say: (...events: readonly object[]) => events.flatMap((event) => repair.repair(event as SessionEvent)).map(short),
    /** The end of a run that waits for a person, and the beginning of the next. */
    interrupt: () => repair.suspend({ kind: 'suspended' }).map(short),
    end: () => repair.suspend({ kind: 'error', message: 'over' }).map(short),
    resume: () => repair.resume().map(short),
  }
}

/** An event as a line: its type, then what it names, says and belongs to. */
function short({ type, ...fields }: SessionEvent): string {
  const { messageId, toolCallId, subagentRunId, delta, role: _, ...rest } = fields as Partial<Record<string, string>>
  const named = type.startsWith('SUBAGENT_') ? subagentRunId : (toolCallId ?? messageId)
  const said = delta === undefined ? undefined : `'${delta}'`
  const held = toolCallId !== undefined && messageId !== undefined ? `in ${messageId}` : undefined
  const others = Object.keys(rest).length > 0 ? JSON.stringify(rest) : undefined
  const by = subagentRunId !== undefined && named !== subagentRunId ? `by ${subagentRunId}` : undefined
  return [type, named, said, held, others, by].filter((word) => word !== undefined).join(' ')
}

const by = (subagentRunId: string | undefined) => (subagentRunId === undefined ? {} : { subagentRunId })
const text = {
  start: (messageId: string, owner?: string) => ({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...by(owner) }),
  say: (messageId: string, delta: string, owner?: string) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta, ...by(owner) }),
  end: (messageId: string, owner?: string) => ({ type: 'TEXT_MESSAGE_END', messageId, ...by(owner) }),
}
const thought = {
  open: (messageId: string, owner?: string) => ({ type: 'REASONING_START', messageId, ...by(owner) }),
  start: (messageId: string, owner?: string) => ({ type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning', ...by(owner) }),
  say: (messageId: string, delta: string, owner?: string) => ({ type: 'REASONING_MESSAGE_CONTENT', messageId, delta, ...by(owner) }),
  end: (messageId: string, owner?: string) => ({ type: 'REASONING_MESSAGE_END', messageId, ...by(owner) }),
  close: (messageId: string, owner?: string) => ({ type: 'REASONING_END', messageId, ...by(owner) }),
}
const call = {
  start: (toolCallId: string, fields: object = {}) => ({ type: 'TOOL_CALL_START', toolCallId, toolCallName: 'look', ...fields }),
  args: (toolCallId: string, delta: string, owner?: string) => ({ type: 'TOOL_CALL_ARGS', toolCallId, delta, ...by(owner) }),
  end: (toolCallId: string) => ({ type: 'TOOL_CALL_END', toolCallId }),
  result: (toolCallId: string, messageId = `of-${toolCallId}`) => ({ type: 'TOOL_CALL_RESULT', toolCallId, messageId, content: 'found' }),
}
const step = {
  start: (stepName: string, owner?: string) => ({ type: 'STEP_STARTED', stepName, ...by(owner) }),
  end: (stepName: string, owner?: string) => ({ type: 'STEP_FINISHED', stepName, ...by(owner) }),
}
const subagent = {
  start: (subagentRunId: string, fields: object = {}) => ({ type: 'SUBAGENT_STARTED', subagentRunId, name: 'sub', ...fields }),
  end: (subagentRunId: string) => ({ type: 'SUBAGENT_FINISHED', subagentRunId }),
}

const assistant = (id: string) => ({
  id,
  role: 'assistant',
  toolCalls: [{ id: 't', type: 'function', function: { name: 'look', arguments: '' } }],
})
const shown = (owner: string, replace?: boolean) => ({
  type: 'ACTIVITY_SNAPSHOT',
  messageId: 'a',
  activityType: 'x',
  content: {},
  replace,
  ...by(owner),
})

describe('what is in order', () => {
  test('passes as it is', () => {
    const events = [
      thought.open('r'),
      thought.start('r'),
      thought.say('r', 'hm'),
      thought.end('r'),
      thought.close('r'),
      step.start('plan'),
      subagent.start('s'),
      text.start('m', 's'),
      text.say('m', 'a', 's'),
      text.end('m'),
      call.start('t', { parentMessageId: 'm' }),
      call.args('t', '{}'),
      call.end('t'),
      call.result('t'),
      subagent.end('s'),
      step.end('plan'),
      { type: 'TYPE_OF_TOMORROW', any: 1 },
    ]
    const parent = events.map((event) => ('parentMessageId' in event ? { ...event, subagentRunId: 's' } : event))
    expect(repairing().say(...events)).toEqual(parent.map((event) => short(event as SessionEvent)))
  })
})

describe('what is not opened', () => {
  test('is opened before its content, so that nothing said is lost', () => {
    const { say } = repairing()
    expect(say(text.say('m', 'a', 's'))).toEqual(['TEXT_MESSAGE_START m by s', "TEXT_MESSAGE_CONTENT m 'a' by s"])
    expect(say(thought.say('r', 'a'))).toEqual(['REASONING_MESSAGE_START r', "REASONING_MESSAGE_CONTENT r 'a'"])
    expect(say(call.args('t', '{'))).toEqual(['TOOL_CALL_START t {"toolCallName":""}', "TOOL_CALL_ARGS t '{'"])
    expect(say({ ...subagent.end('s'), result: 1 })).toEqual(['SUBAGENT_STARTED s {"name":"s"}', 'SUBAGENT_FINISHED s {"result":1}'])
  })

  test('is opened again where text goes on after its end', () => {
    expect(repairing().say(text.start('m'), text.end('m'), text.say('m', 'more'))).toEqual([
      'TEXT_MESSAGE_START m',
      'TEXT_MESSAGE_END m',
      'TEXT_MESSAGE_START m',
      "TEXT_MESSAGE_CONTENT m 'more'",
    ])
  })

  test('need not be ended', () => {
    expect(repairing().say(text.end('m'), thought.end('r'), thought.close('r'), call.end('t'), step.end('plan'))).toEqual([])
  })

  test('gets no arguments after its end: they belong to nothing', () => {
    expect(repairing().say(call.start('t'), call.end('t'), call.args('t', '{}')).slice(2)).toEqual([])
  })
})

describe('what is opened twice', () => {
  test('is opened once', () => {
    const { say } = repairing()
    for (const start of [
      text.start('m'),
      thought.open('r'),
      thought.start('r'),
      call.start('t'),
      step.start('plan'),
      subagent.start('s'),
    ]) {
      expect(say(start)).toHaveLength(1)
      expect(say(start)).toEqual([])
    }
  })

  test('is ended once where it is a subagent', () => {
    expect(repairing().say(subagent.start('s'), subagent.end('s'), subagent.end('s'))).toHaveLength(2)
  })
})

describe('an id that means something else already', () => {
  test('is given anew where an earlier run has it, for all that follows', () => {
    const { say } = repairing()
    expect(say(text.start('taken'), text.say('taken', 'a'), text.end('taken'))).toEqual([
      'TEXT_MESSAGE_START fresh-1',
      "TEXT_MESSAGE_CONTENT fresh-1 'a'",
      'TEXT_MESSAGE_END fresh-1',
    ])
    expect(say(call.start('t', { parentMessageId: 'taken' }))).toEqual([
      'TOOL_CALL_START t {"toolCallName":"look","parentMessageId":"fresh-1"}',
    ])
    expect(say({ type: 'REASONING_ENCRYPTED_VALUE', entityId: 'taken', subtype: 'message', encryptedValue: 'x' })).toEqual([
      'REASONING_ENCRYPTED_VALUE {"entityId":"fresh-1","subtype":"message","encryptedValue":"x"}',
    ])
    expect(say(subagent.start('s', { parentMessageId: 'taken', parentToolCallId: 't' }))).toEqual([
      'SUBAGENT_STARTED s {"name":"sub","parentMessageId":"fresh-1","parentToolCallId":"t"}',
    ])
    expect(say(text.start('taken'))).toEqual(['TEXT_MESSAGE_START fresh-1'])
  })

  test('is given anew where it names a message of the conversation', () => {
    expect(repairing({ messages: [{ id: 'q', role: 'user', content: '' }] }).say(text.start('q'))).toEqual(['TEXT_MESSAGE_START fresh-1'])
  })

  test('of reasoning is given anew for a span and the message inside it together', () => {
    expect(
      repairing().say(
        thought.open('taken'),
        thought.start('taken'),
        thought.say('taken', 'a'),
        thought.end('taken'),
        thought.close('taken'),
      ),
    ).toEqual([
      'REASONING_START fresh-1',
      'REASONING_MESSAGE_START fresh-1',
      "REASONING_MESSAGE_CONTENT fresh-1 'a'",
      'REASONING_MESSAGE_END fresh-1',
      'REASONING_END fresh-1',
    ])
  })

  test('of a tool call is given anew in the same run, too: some models count their calls from 0 in every turn', () => {
    const { say } = repairing()
    say(call.start('0'), call.end('0'), call.result('0'))
    expect(say(call.start('0'), call.args('0', '{}'), call.end('0'), call.result('0', 'r2'))).toEqual([
      'TOOL_CALL_START fresh-1 {"toolCallName":"look"}',
      "TOOL_CALL_ARGS fresh-1 '{}'",
      'TOOL_CALL_END fresh-1',
      'TOOL_CALL_RESULT fresh-1 in r2 {"content":"found"}',
    ])
  })

  test('of a result is given anew, but its call is found by the id that it has', () => {
    expect(repairing().say(call.start('t'), call.result('t', 'taken'))[1]).toBe('TOOL_CALL_RESULT t in fresh-1 {"content":"found"}')
  })

  test('of a subagent is given anew where it ended in this run, for all that it does', () => {
    const { say } = repairing()
    say(subagent.start('s'), subagent.end('s'))
    expect(say(subagent.start('s'), text.start('m', 's'), subagent.start('u', { parentSubagentRunId: 's' }), subagent.end('s'))).toEqual([
      'SUBAGENT_STARTED fresh-1 {"name":"sub"}',
      'TEXT_MESSAGE_START m by fresh-1',
      'SUBAGENT_STARTED u {"name":"sub","parentSubagentRunId":"fresh-1"}',
      'SUBAGENT_FINISHED fresh-1',
    ])
  })

  test('is given anew in a snapshot of the conversation only for the message that this execution calls so', () => {
    const { say } = repairing()
    say(text.start('taken'), call.start('t'), call.end('t'), call.start('t'), thought.start('taken'))
    const messages = [
      assistant('taken'),
      { id: 'r', role: 'tool', toolCallId: 't', content: '' },
      { id: 'taken', role: 'reasoning', content: '' },
      assistant('taken'),
    ]
    const [snapshot = ''] = say({ type: 'MESSAGES_SNAPSHOT', messages })
    const stated = JSON.parse(snapshot.slice('MESSAGES_SNAPSHOT '.length)) as {
      messages: { id: string; toolCalls?: { id: string }[]; toolCallId?: string }[]
    }
    expect(stated.messages.map(({ id, toolCallId, toolCalls }) => [id, toolCallId ?? toolCalls?.[0]?.id])).toEqual([
      ['taken', 't'],
      ['r', 'fresh-2'],
      ['fresh-3', undefined],
      ['fresh-1', 'fresh-2'],
    ])
  })
})

describe('an agent that is called anew with answers', () => {
  const calls = ['open', 'done'].map((id) => ({ id, type: 'function' as const, function: { name: 'look', arguments: '{}' } }))
  const messages: Message[] = [
    { id: 'a', role: 'assistant', toolCalls: calls },
    { id: 'b', role: 'tool', toolCallId: 'done', content: '' },
  ]

  test('may tell again of a call that waits for its result', () => {
    const { say } = repairing({ messages, resume: { kind: 'answers', entries: [] } })
    expect(say(call.start('open'), call.args('open', '{}'), call.end('open'), call.result('open'))).toEqual([
      'TOOL_CALL_RESULT open in of-open {"content":"found"}',
    ])
    expect(say(call.start('open'))).toEqual(['TOOL_CALL_START fresh-1 {"toolCallName":"look"}'])
  })

  test('means another call by the id of one that has its result', () => {
    const { say } = repairing({ messages, resume: { kind: 'answers', entries: [] } })
    expect(say(call.start('done'))).toEqual(['TOOL_CALL_START fresh-1 {"toolCallName":"look"}'])
  })

  test('alone may do so: an ordinary run begins its own calls', () => {
    expect(repairing({ messages }).say(call.start('open'))).toEqual(['TOOL_CALL_START fresh-1 {"toolCallName":"look"}'])
  })
})

describe('an attribution', () => {
  test("that contradicts the one who began is the beginner's", () => {
    const { say } = repairing()
    expect(say(text.start('m', 's1'), text.say('m', 'a', 's2'), text.end('m', 's2')).slice(1)).toEqual([
      "TEXT_MESSAGE_CONTENT m 'a' by s1",
      'TEXT_MESSAGE_END m by s1',
    ])
    expect(say(thought.open('r'), thought.start('r', 's1'), thought.say('r', 'a', 's1')).slice(1)).toEqual([
      'REASONING_MESSAGE_START r',
      "REASONING_MESSAGE_CONTENT r 'a'",
    ])
    expect(say(call.start('t', by('s1')), call.args('t', 'a', 's2'))[1]).toBe("TOOL_CALL_ARGS t 'a' by s1")
  })

  test('of a span is that of the message with its id, where that came first', () => {
    expect(repairing().say(thought.start('r', 's1'), thought.open('r', 's2'))[1]).toBe('REASONING_START r by s1')
  })

  test('of a result owns the message that it makes', () => {
    expect(repairing().say({ ...call.result('t', 'x'), subagentRunId: 's1' }, text.start('x', 's2'))[1]).toBe(
      'TEXT_MESSAGE_START fresh-1 by s2',
    )
  })

  test('is what the last snapshot of the conversation says', () => {
    const { say } = repairing()
    say(text.start('m', 's1'), call.start('t', by('s1')))
    const messages = [{ id: 'm', role: 'assistant', subagentRunId: 's2', toolCalls: [{ id: 't', type: 'function', function: {} }] }]
    say({ type: 'MESSAGES_SNAPSHOT', messages })
    expect(say(text.say('m', 'a', 's1'), call.args('t', 'a', 's1'))).toEqual([
      "TEXT_MESSAGE_CONTENT m 'a' by s2",
      "TOOL_CALL_ARGS t 'a' by s2",
    ])
  })

  test('is that of the conversation so far', () => {
    const { say } = repairing({ messages: [{ id: 'm', role: 'assistant', subagentRunId: 's1' }] })
    expect(say(call.start('t', { parentMessageId: 'm' }))).toEqual([
      'TOOL_CALL_START t {"toolCallName":"look","parentMessageId":"m"} by s1',
    ])
  })

  test('that is left out stays left out', () => {
    expect(repairing().say(text.start('m', 's1'), text.say('m', 'a'))[1]).toBe("TEXT_MESSAGE_CONTENT m 'a'")
  })

  test('of another to a message that has ended begins another message', () => {
    expect(
      repairing()
        .say(text.start('m', 's1'), text.end('m'), text.start('m', 's2'), text.say('m', 'a', 's2'))
        .slice(2),
    ).toEqual(['TEXT_MESSAGE_START fresh-1 by s2', "TEXT_MESSAGE_CONTENT fresh-1 'a' by s2"])
  })

  test('of a tool call goes before the message that it names, and else is that of the message', () => {
    const { say } = repairing()
    say(text.start('m', 's1'))
    expect(say(call.start('t', { parentMessageId: 'm', subagentRunId: 's2' }))).toEqual(['TOOL_CALL_START t {"toolCallName":"look"} by s2'])
    expect(say(call.start('u', { parentMessageId: 'm' }))).toEqual([
      'TOOL_CALL_START u {"toolCallName":"look","parentMessageId":"m"} by s1',
    ])
  })

  test('of the end of a step is that of its start', () => {
    const { say } = repairing()
    say(step.start('plan'), step.start('plan', 's1'))
    expect(say(step.end('plan', 's1'), step.end('plan', 's1'))).toEqual([
      'STEP_FINISHED {"stepName":"plan"} by s1',
      'STEP_FINISHED {"stepName":"plan"}',
    ])
  })

  test('of an activity changes only with what replaces it', () => {
    const { say } = repairing()
    const changed = { type: 'ACTIVITY_DELTA', messageId: 'a', activityType: 'x', patch: [], subagentRunId: 's2' }
    expect(say(shown('s1'), shown('s2', false), changed).map((line) => line.slice(-2))).toEqual(['s1', 's1', 's1'])
    expect(say(shown('s2'), changed).map((line) => line.slice(-2))).toEqual(['s2', 's2'])
  })

  test('to a parent that never began is left out', () => {
    expect(repairing().say(subagent.start('s', { parentSubagentRunId: 'nobody' }))).toEqual(['SUBAGENT_STARTED s {"name":"sub"}'])
  })
})

describe('the end of a run', () => {
  const begun = [
    step.start('plan'),
    subagent.start('s1'),
    subagent.start('s2', { parentSubagentRunId: 's1' }),
    step.start('look', 's2'),
    text.start('m', 's2'),
    thought.open('r'),
    thought.start('r'),
    call.start('t', by('s2')),
  ]
  const closed = [
    'TEXT_MESSAGE_END m by s2',
    'REASONING_MESSAGE_END r',
    'REASONING_END r',
    'TOOL_CALL_END t by s2',
    'STEP_FINISHED {"stepName":"look"} by s2',
    'STEP_FINISHED {"stepName":"plan"}',
  ]

  test('closes all that is open: what is said, thought and called, then steps and subagents, innermost first', () => {
    const { say, end } = repairing()
    say(...begun)
    expect(end()).toEqual([...closed, 'SUBAGENT_ERROR s2 {"message":"over"}', 'SUBAGENT_ERROR s1 {"message":"over"}'])
    expect(end()).toEqual([])
  })

  test('suspends subagents where it waits for a person', () => {
    const { say, interrupt } = repairing()
    say(...begun)
    expect(interrupt()).toEqual([...closed, ...['s2', 's1'].map((id) => `SUBAGENT_FINISHED ${id} {"outcome":{"type":"suspended"}}`)])
  })

  test('is followed, in the next run, by the same steps and subagents in their order', () => {
    const { say, interrupt, resume } = repairing()
    say(...begun)
    interrupt()
    expect(resume()).toEqual([
      'STEP_STARTED {"stepName":"plan"}',
      'SUBAGENT_STARTED s1 {"name":"sub"}',
      'SUBAGENT_STARTED s2 {"name":"sub","parentSubagentRunId":"s1"}',
      'STEP_STARTED {"stepName":"look"} by s2',
    ])
    expect(say(step.end('plan'), subagent.end('s2'))).toHaveLength(2)
  })

  test('lets a subagent that had ended begin again under its own id', () => {
    const { say, interrupt, resume } = repairing()
    say(subagent.start('s'), subagent.end('s'))
    interrupt()
    expect(resume()).toEqual([])
    expect(say(subagent.end('s'), subagent.start('s'), subagent.end('s'))).toEqual([
      'SUBAGENT_STARTED s {"name":"sub"}',
      'SUBAGENT_FINISHED s',
    ])
  })

  test('lets text go on under a fresh id when it does, as it began', () => {
    const { say, interrupt, resume } = repairing()
    say({ ...text.start('m'), name: 'Ann', rawEvent: {} })
    interrupt()
    expect(resume()).toEqual([])
    expect(say(text.say('m', 'b'), text.end('m'))).toEqual([
      'TEXT_MESSAGE_START fresh-1 {"name":"Ann"}',
      "TEXT_MESSAGE_CONTENT fresh-1 'b'",
      'TEXT_MESSAGE_END fresh-1',
    ])
    interrupt()
    resume()
    expect(say(text.say('m', 'c'))).toEqual(['TEXT_MESSAGE_START fresh-2', "TEXT_MESSAGE_CONTENT fresh-2 'c'"])
  })

  test('lets reasoning go on under a fresh id, in a span of its own', () => {
    const { say, interrupt, resume } = repairing()
    say(thought.open('r'), thought.start('r'))
    interrupt()
    resume()
    expect(say(thought.say('r', 'b'), thought.end('r'), thought.close('r'))).toEqual([
      'REASONING_START fresh-1',
      'REASONING_MESSAGE_START fresh-1',
      "REASONING_MESSAGE_CONTENT fresh-1 'b'",
      'REASONING_MESSAGE_END fresh-1',
      'REASONING_END fresh-1',
    ])
  })

  test('opens a span again only for its own subagent, and not after it has ended', () => {
    const { say, interrupt, resume } = repairing()
    say(thought.open('a'), thought.open('b', 's1'), thought.open('c', 's1'))
    interrupt()
    resume()
    say(thought.close('c', 's1'))
    expect(say(thought.start('r', 's1'))).toEqual(['REASONING_START fresh-1 by s1', 'REASONING_MESSAGE_START r by s1'])
  })

  test('leaves nothing to end for what does not go on', () => {
    const { say, interrupt, resume } = repairing()
    say(text.start('m'), thought.open('r'), thought.start('r'))
    interrupt()
    resume()
    expect(say(text.end('m'), thought.end('r'), thought.close('r'))).toEqual([])
  })

  test('completes the arguments of a tool call for good; its result may come in any run', () => {
    const { say, interrupt, resume } = repairing()
    say(call.start('t'), call.args('t', '{'))
    interrupt()
    resume()
    expect(say(call.args('t', '}'), call.end('t'), call.result('t'))).toEqual(['TOOL_CALL_RESULT t in of-t {"content":"found"}'])
  })

  test('makes the ids of its messages those of an earlier run', () => {
    const { say, interrupt, resume } = repairing()
    say(text.start('m'), text.end('m'))
    interrupt()
    resume()
    expect(say(text.start('m'))).toEqual(['TEXT_MESSAGE_START fresh-1'])
  })
})
