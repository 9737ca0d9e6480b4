import { describe, expect, test } from 'vitest'
import { PARTS_PER_MESSAGE } from '../../src/protocol/index.ts'
import { lastRunOf, statusOf } from '../../src/transcript/index.ts'
import { call, custom, event, fold, partsOf, result, runFinished, runStarted, text, user } from './log.ts'

describe('RUN_STARTED', () => {
  test('begins a run with what is known of it, and its message first', () => {
    const metadata = { throughline: { by: 'ann', resumes: 'q' } }
    const transcript = fold([runStarted('r', [user('u', 'Hi')], { timestamp: 7, metadata })])
    expect(transcript.runs).toEqual([{ id: 'r', state: { status: 'running' }, messages: 0, at: 7, by: 'ann', resumes: 'q' }])
    expect(transcript.messages).toEqual([
      { id: 'u', role: 'user', run: 'r', at: 7, by: 'ann', parts: [{ type: 'text', id: 'u', text: 'Hi' }] },
    ])
  })

  test('takes its message out of the queue', () => {
    const queued = (id: string) => custom('throughline/queued', { message: user(id), by: 'ann' })
    expect(fold([queued('u'), queued('v'), runStarted('r', [user('u')])]).queue.map(({ message }) => message.id)).toEqual(['v'])
  })

  test('clears what the last run waited for', () => {
    const asked = fold([runStarted('r'), runFinished('r', { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input' }] })])
    expect(fold([runStarted('q')], asked).interrupts).toEqual([])
    const pending = fold([runStarted('r'), ...call('t'), runFinished('r', { type: 'success', pendingToolCallIds: ['t'] })])
    expect(fold([runStarted('q')], pending).runs[0]?.state).toEqual({ status: 'success' })
  })

  test('sets the agent state where it brings one', () => {
    expect(fold([runStarted('r', [], { input: { state: { a: 1 } } })]).agentState).toEqual({ a: 1 })
    expect('agentState' in fold([runStarted('r')])).toBe(false)
  })

  test('adds no message that is known', () => {
    const log = [runStarted('r', [user('u', 'one')]), ...text('m', 'a'), runFinished('r')]
    const before = fold(log)
    const { messages } = fold([runStarted('q', [user('u', 'two'), { id: 'm', role: 'assistant', content: 'b' }])], before)
    expect(messages).toBe(before.messages)
  })

  test('brings the result of a frontend tool to its call, with its error', () => {
    const asked = fold([runStarted('r'), ...call('t'), runFinished('r', { type: 'success', pendingToolCallIds: ['t'] })])
    const message = { id: 'a', role: 'tool', toolCallId: 't', content: '', error: 'denied' }
    const answered = fold([runStarted('q', [message], { timestamp: 9 })], asked)
    expect(partsOf(answered)).toMatchObject([{ status: 'done', result: { id: 'a', content: '', error: 'denied' }, endedAt: 9 }])
    expect(answered.messages).toHaveLength(1)
  })

  test('ignores the result of a call that the window does not reach back to', () => {
    expect(fold([runStarted('q', [{ id: 'a', role: 'tool', toolCallId: 't', content: 'x' }])]).messages).toEqual([])
  })

  test('makes parts of what an agent said elsewhere', () => {
    const history = [
      { id: 'a', role: 'reasoning', content: 'hm' },
      {
        id: 'b',
        role: 'assistant',
        content: 'so',
        toolCalls: [{ id: 't', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { id: 'c', role: 'tool', toolCallId: 't', content: 'seen' },
      { id: 'd', role: 'activity', activityType: 'PLAN', content: { step: 1 } },
    ]
    expect(partsOf(fold([runStarted('r', history)]))).toEqual([
      { type: 'reasoning', id: 'a', text: 'hm' },
      { type: 'text', id: 'b', text: 'so' },
      { type: 'tool', id: 't', name: 'look', args: '{}', parent: 'b', status: 'done', result: { id: 'c', content: 'seen' } },
      { type: 'activity', id: 'd', activityType: 'PLAN', content: { step: 1 } },
    ])
  })

  test('adds no message that is known by a call or a result', () => {
    const before = fold([runStarted('r'), ...call('t', '{}', { parentMessageId: 'm' }), result('t'), runFinished('r')])
    const answer = { id: 't-result', role: 'tool', toolCallId: 't', content: 'other' }
    expect(fold([runStarted('q', [{ id: 'm', role: 'assistant', content: 'x' }, answer])], before).messages).toBe(before.messages)
  })

  test('adds a message once, though it is there twice', () => {
    expect(fold([runStarted('r', [user('u', 'one'), user('u', 'two')])]).messages).toHaveLength(1)
  })

  test('adds no call that is known', () => {
    const made = { id: 't', type: 'function', function: { name: 'look', arguments: '{}' } }
    const before = fold([runStarted('r'), ...call('t'), runFinished('r')])
    const { messages } = fold([runStarted('q', [{ id: 'm', role: 'assistant', content: '', toolCalls: [made] }])], before)
    expect(messages).toBe(before.messages)
  })

  test('keeps texts and files of a message in order, with their ids and metadata', () => {
    const source = { type: 'file', value: 'f1', provider: 'throughline' }
    const content = [
      { type: 'text', text: 'Look', id: 'p1', metadata: { a: 1 } },
      { type: 'image', source, id: 'p2', metadata: { name: 'x.png' } },
    ]
    expect(partsOf(fold([runStarted('r', [user('u', content)])]))).toEqual([
      { type: 'text', id: 'p1', text: 'Look', metadata: { a: 1 } },
      { type: 'file', media: 'image', source, id: 'p2', metadata: { name: 'x.png' } },
    ])
  })

  test('of a run that is known changes nothing', () => {
    const before = fold([runStarted('r'), runFinished('r')])
    expect(fold([runStarted('r', [user('u')])], before)).toBe(before)
  })

  test('ends a run that has no terminal event', () => {
    const { runs, messages } = fold([runStarted('r'), ...call('t'), runStarted('q')])
    expect(runs.map(({ state }) => state)).toEqual([{ status: 'error', code: 'interrupted', message: '' }, { status: 'running' }])
    expect(messages[0]?.parts).toMatchObject([{ status: 'interrupted' }])
  })
})

describe('what an agent does in one run', () => {
  test('is one message with the id of the run', () => {
    const log = [runStarted('r', [user('u')]), ...text('m', 'a'), ...call('t'), ...text('n', 'b')]
    expect(fold(log).messages.map(({ id, run, parts }) => [id, run, parts.length])).toEqual([
      ['u', 'r', 1],
      ['r', 'r', 3],
    ])
  })

  test('is no message before it has a part', () => {
    expect(fold([runStarted('r'), event('STEP_STARTED', { stepName: 'a' })]).messages).toEqual([])
  })

  test('begins another message after so many parts', () => {
    const log = Array.from({ length: 2 * PARTS_PER_MESSAGE + 1 }, (_, index) => text(`m${index}`, 'x')).flat()
    const { messages, runs } = fold([runStarted('r'), ...log])
    expect(messages.map(({ id, parts }) => [id, parts.length])).toEqual([
      ['r', PARTS_PER_MESSAGE],
      ['r.2', PARTS_PER_MESSAGE],
      ['r.3', 1],
    ])
    expect(runs[0]?.messages).toBe(3)
  })

  test('has the time of its first event', () => {
    expect(fold([runStarted('r'), event('TOOL_CALL_START', { toolCallId: 't', toolCallName: 'x', timestamp: 5 })]).messages[0]?.at).toBe(5)
  })
})

describe('a terminal event', () => {
  const openLog = [
    runStarted('r'),
    event('TEXT_MESSAGE_START', { messageId: 'a' }),
    event('TEXT_MESSAGE_CONTENT', { messageId: 'a', delta: 'half' }),
    event('REASONING_MESSAGE_START', { messageId: 'b' }),
    event('TOOL_CALL_START', { toolCallId: 'input', toolCallName: 'look' }),
    ...call('running'),
    ...call('done'),
    result('done'),
    event('STEP_STARTED', { stepName: 'plan' }),
    event('SUBAGENT_STARTED', { subagentRunId: 's1', name: 'helper' }),
  ]
  const statuses = (log: Parameters<typeof fold>[0]) => partsOf(fold(log)).flatMap((part) => (part.type === 'tool' ? part.status : []))

  test('closes all that is open, and takes what stayed empty', () => {
    const transcript = fold([...openLog, runFinished('r', undefined, { timestamp: 8, result: { ok: 1 }, usage: [{ inputTokens: 1 }] })])
    expect(partsOf(transcript).filter(({ type }) => type !== 'tool')).toEqual([{ type: 'text', id: 'a', text: 'half', endedAt: 8 }])
    expect(transcript.runs).toEqual([
      {
        id: 'r',
        state: { status: 'success', endedAt: 8, result: { ok: 1 } },
        messages: 1,
        usage: [{ inputTokens: 1 }],
        subagents: [{ id: 's1', name: 'helper', status: 'error' }],
      },
    ])
  })

  test.each([
    ['success', runFinished('r'), ['cancelled', 'cancelled', 'done']],
    ['a cancelled run', runFinished('r', { type: 'cancelled' }), ['cancelled', 'cancelled', 'done']],
    ['an error', event('RUN_ERROR', { message: 'broken', code: 'agent_error' }), ['interrupted', 'interrupted', 'done']],
    ['an interrupt', runFinished('r', { type: 'interrupt', interrupts: [] }), ['input', 'running', 'done']],
    [
      'success with pending calls',
      runFinished('r', { type: 'success', pendingToolCallIds: ['running'] }),
      ['cancelled', 'running', 'done'],
    ],
  ])('settles calls without a result at %s', (_, terminal, expected) => {
    expect(statuses([...openLog, terminal])).toEqual(expected)
  })

  test('also settles a call that an interrupt left open in an earlier run', () => {
    const log = [runStarted('r'), ...call('t'), runFinished('r', { type: 'interrupt', interrupts: [] }), runStarted('q')]
    expect(statuses(log)).toEqual(['running'])
    expect(statuses([...log, runFinished('q')])).toEqual(['cancelled'])
  })

  test('leaves the subagents of an interrupted run suspended', () => {
    const { runs } = fold([...openLog, runFinished('r', { type: 'interrupt', interrupts: [] })])
    expect(runs[0]?.subagents).toEqual([{ id: 's1', name: 'helper', status: 'suspended' }])
  })

  test('of an interrupt opens its questions', () => {
    const { interrupts } = fold([
      runStarted('r'),
      runFinished('r', { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input', message: 'Go?' }] }),
    ])
    expect(interrupts).toEqual([{ id: 'i', reason: 'input', message: 'Go?', run: 'r' }])
  })

  test('keeps what an error says', () => {
    const { runs } = fold([runStarted('r'), event('RUN_ERROR', { message: 'too long', code: 'timeout', timestamp: 4 })])
    expect(runs[0]?.state).toEqual({ status: 'error', message: 'too long', code: 'timeout', endedAt: 4 })
  })

  test('that comes second changes nothing, nor does one without a run or of another run', () => {
    const ended = fold([runStarted('r'), runFinished('r')])
    expect(fold([event('RUN_ERROR', { message: 'x' }), runFinished('r', { type: 'cancelled' })], ended)).toBe(ended)
    const empty = fold([])
    expect(fold([event('RUN_ERROR', { message: 'x' }), runFinished('r')], empty)).toBe(empty)
    const other = fold([runStarted('r')])
    expect(fold([runFinished('q')], other)).toBe(other)
  })
})

describe('status', () => {
  const asked = fold([runStarted('r'), runFinished('r', { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input' }] })])

  test('is idle before and between runs, running during one, stopping when asked to, waiting while an interrupt is open', () => {
    expect(statusOf(fold([]))).toBe('idle')
    expect(statusOf(fold([runStarted('r')]))).toBe('running')
    expect(statusOf(fold([runStarted('r'), custom('throughline/stopping', { run: 'r', by: 'ann' })]))).toBe('stopping')
    expect(statusOf(asked)).toBe('waiting')
    expect(statusOf(fold([runStarted('q')], asked))).toBe('running')
    expect(statusOf(fold([runStarted('r'), runFinished('r')]))).toBe('idle')
    expect(statusOf(fold([custom('throughline/answered', { interrupt: 'i', status: 'cancelled', by: 'ann' })], asked))).toBe('idle')
  })

  test('tells how the last run ended, also while the next is under way', () => {
    expect(lastRunOf(fold([runStarted('r')]))).toBeUndefined()
    expect(lastRunOf(asked)).toEqual({ run: 'r', outcome: 'interrupt' })
    expect(lastRunOf(fold([runStarted('q')], asked))).toEqual({ run: 'r', outcome: 'interrupt' })
    const failed = fold([runStarted('r'), event('RUN_ERROR', { message: 'x', code: 'limit' })])
    expect(lastRunOf(failed)).toEqual({ run: 'r', outcome: 'error', code: 'limit' })
  })
})

describe('progress', () => {
  const started = fold([
    runStarted('r'),
    event('STEP_STARTED', { stepName: 'a' }),
    event('STEP_STARTED', { stepName: 'a', subagentRunId: 's' }),
  ])

  test('steps of one name are told apart by their subagent', () => {
    expect(started.runs[0]?.steps).toEqual([{ name: 'a' }, { name: 'a', subagent: 's' }])
    expect(fold([event('STEP_FINISHED', { stepName: 'a' })], started).runs[0]?.steps).toEqual([{ name: 'a', subagent: 's' }])
  })

  test('a step that is not under way cannot be finished', () => {
    expect(fold([event('STEP_FINISHED', { stepName: 'b' })], started)).toBe(started)
  })

  test('subagents are followed to their end', () => {
    const more = { description: 'digs', parentSubagentRunId: 's0', parentToolCallId: 't' }
    const log = [
      runStarted('r'),
      event('SUBAGENT_STARTED', { subagentRunId: 's1', name: 'one', ...more }),
      event('SUBAGENT_STARTED', { subagentRunId: 's2', name: 'two' }),
      event('SUBAGENT_STARTED', { subagentRunId: 's3', name: 'three' }),
      event('SUBAGENT_STARTED', { subagentRunId: 's4', name: 'four' }),
      event('SUBAGENT_FINISHED', { subagentRunId: 's1', result: 42 }),
      event('SUBAGENT_FINISHED', { subagentRunId: 's2', outcome: { type: 'suspended' } }),
      event('SUBAGENT_ERROR', { subagentRunId: 's3', message: 'broken' }),
    ]
    expect(fold(log).runs[0]?.subagents).toEqual([
      { id: 's1', name: 'one', status: 'success', description: 'digs', parent: 's0', toolCallId: 't', result: 42 },
      { id: 's2', name: 'two', status: 'suspended' },
      { id: 's3', name: 'three', status: 'error', message: 'broken' },
      { id: 's4', name: 'four', status: 'running' },
    ])
  })
})
