import { describe, expect, test } from 'vitest'
import { toAgUiMessages } from '../../src/transcript/index.ts'
import { activity, call, custom, event, fold, reasoning, result, runFinished, runStarted, text, user } from './log.ts'

const flat = (...log: Parameters<typeof fold>[0]) => toAgUiMessages(fold(log))
const made = (id: string, args = '{}') => ({ id, type: 'function', function: { name: 'look', arguments: args } })

describe('as AG-UI messages', () => {
  test('a conversation is one flat list', () => {
    const log = [
      runStarted('r', [user('u', 'Hi')]),
      ...reasoning('t', 'hm'),
      ...text('m', 'So'),
      ...call('c', '{"a":1}', { parentMessageId: 'm' }),
      result('c', 'seen'),
      activity('p', { step: 1 }),
      custom('app/chart', { id: 'x' }),
      ...text('n', 'Done'),
    ]
    expect(flat(...log)).toEqual([
      { id: 'u', role: 'user', content: 'Hi' },
      { id: 't', role: 'reasoning', content: 'hm' },
      { id: 'm', role: 'assistant', content: 'So', toolCalls: [made('c', '{"a":1}')] },
      { id: 'c-result', role: 'tool', toolCallId: 'c', content: 'seen' },
      { id: 'p', role: 'activity', activityType: 'PLAN', content: { step: 1 } },
      { id: 'n', role: 'assistant', content: 'Done' },
    ])
  })

  test('text of one id in several pieces is one message', () => {
    expect(flat(runStarted('r'), ...text('m', 'a'), ...reasoning('t', 'hm'), ...text('m', 'b'))).toEqual([
      { id: 'm', role: 'assistant', content: 'ab' },
      { id: 't', role: 'reasoning', content: 'hm' },
    ])
  })

  test('a call without a parent has a message of its own id', () => {
    expect(flat(runStarted('r'), ...call('c'))).toEqual([{ id: 'c', role: 'assistant', toolCalls: [made('c')] }])
  })

  test('a call creates the parent that it names, and text of that id joins it', () => {
    const log = [
      runStarted('r'),
      ...call('c', '{}', { parentMessageId: 'm' }),
      ...call('d', '{}', { parentMessageId: 'm' }),
      ...text('m', 'x'),
    ]
    expect(flat(...log)).toEqual([{ id: 'm', role: 'assistant', content: 'x', toolCalls: [made('c'), made('d')] }])
  })

  test('a call whose parent is none of the agent’s messages has one of its own id', () => {
    const log = [
      runStarted('r', [user('u')]),
      ...reasoning('t', 'hm'),
      ...call('c', '{}', { parentMessageId: 't' }),
      ...call('d', '{}', { parentMessageId: 'u' }),
    ]
    expect(flat(...log).map(({ id, role }) => `${role} ${id}`)).toEqual(['user u', 'reasoning t', 'assistant c', 'assistant d'])
  })

  test('results directly follow the message of their call, in the order of the calls', () => {
    const log = [
      runStarted('r'),
      ...call('c', '{}', { parentMessageId: 'm' }),
      ...call('d', '{}', { parentMessageId: 'm' }),
      ...text('n', 'later'),
      result('d'),
      runFinished('r'),
      runStarted('q', [user('u')]),
      result('c'),
    ]
    expect(flat(...log).map(({ id }) => id)).toEqual(['m', 'c-result', 'd-result', 'n', 'u'])
  })

  test('a result of a call that nobody announced stands by itself', () => {
    expect(flat(runStarted('r'), result('c'))).toEqual([{ id: 'c-result', role: 'tool', toolCallId: 'c', content: 'seen' }])
  })

  test('content of several parts comes back as it was sent', () => {
    const content = [
      { type: 'text', text: 'Look' },
      { type: 'text', text: 'here', id: 'p', metadata: { a: 1 } },
      { type: 'document', source: { type: 'file', value: 'f', provider: 'throughline' }, id: 'f', metadata: { name: 'x.pdf' } },
    ]
    const message = { id: 'u', role: 'user', content, name: 'Ann', metadata: { b: 1 } }
    expect(flat(runStarted('r', [message]))).toEqual([message])
    const single = { id: 'w', role: 'user', content: content.slice(1, 2) }
    expect(flat(runStarted('r', [single]))).toEqual([single])
    const image = { id: 'v', role: 'user', content: content.slice(2) }
    expect(flat(runStarted('r', [image]))).toEqual([image])
  })

  test('all messages keep their names, metadata, encrypted values and subagents', () => {
    const more = { encryptedValue: 'x', metadata: { a: 1 }, subagentRunId: 's' }
    const history = [
      { id: 'u', role: 'user', content: 'Hi', name: 'Ann', ...more },
      { id: 't', role: 'reasoning', content: 'hm', ...more },
      { id: 'e', role: 'reasoning', content: '', ...more },
      {
        id: 'm',
        role: 'assistant',
        content: 'So',
        name: 'Bob',
        ...more,
        toolCalls: [{ ...made('c'), encryptedValue: 'y', metadata: { b: 1 } }],
      },
      { id: 'a', role: 'tool', toolCallId: 'c', content: 'seen', error: 'broken', ...more },
      { id: 'p', role: 'activity', activityType: 'PLAN', content: {}, metadata: { a: 1 }, subagentRunId: 's' },
    ]
    expect(flat(runStarted('r', history))).toEqual(history)
  })

  test('text in another role is a message of that role, its metadata gathered', () => {
    const log = [
      runStarted('r'),
      event('TEXT_MESSAGE_START', { messageId: 'm', role: 'developer', name: 'Ann', metadata: { a: 1, b: 1 }, subagentRunId: 's' }),
      event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: 'Be brief' }),
      event('TEXT_MESSAGE_END', { messageId: 'm', metadata: { b: 2 } }),
    ]
    expect(flat(...log)).toEqual([
      { id: 'm', role: 'developer', content: 'Be brief', name: 'Ann', metadata: { a: 1, b: 2 }, subagentRunId: 's' },
    ])
  })

  test('what is still empty is left out', () => {
    expect(flat(runStarted('r'), event('TEXT_MESSAGE_START', { messageId: 'm' }))).toEqual([])
  })
})
