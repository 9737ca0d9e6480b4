import { describe, expect, test } from 'vitest'
import { activity, call, event, fold, partsOf, reasoning, result, runFinished, runStarted, snapshot, text, user } from './log.ts'

const said = (id: string, content: string, more: Record<string, unknown> = {}) => ({ id, role: 'assistant', content, ...more })
const toolCall = (id: string, args = '{}') => ({ id, type: 'function', function: { name: 'look', arguments: args } })

const before = fold([
  runStarted('r1', [user('u1')]),
  ...text('a1', 'one'),
  runFinished('r1'),
  runStarted('r2', [user('u2')]),
  ...reasoning('t', 'hm'),
  ...text('a2', 'two'),
  ...call('c', '{}', { parentMessageId: 'a2' }),
  result('c'),
  activity('p', { step: 1 }),
])
const same = [
  user('u1'),
  said('a1', 'one'),
  user('u2'),
  said('a2', 'two', { toolCalls: [toolCall('c')] }),
  { id: 'c-result', role: 'tool', toolCallId: 'c', content: 'seen' },
]

describe('a snapshot of the messages', () => {
  test('that says what is known changes nothing', () => {
    expect(fold([snapshot(same)], before)).toBe(before)
  })

  test('changes what it knows in place, and leaves the rest its identity', () => {
    const after = fold([snapshot(same.map((message) => (message['id'] === 'a2' ? { ...message, content: 'TWO' } : message)))], before)
    expect(after.messages.slice(0, 3)).toEqual(before.messages.slice(0, 3))
    expect(after.messages.slice(0, 3).every((message, index) => message === before.messages[index])).toBe(true)
    expect(after.messages[3]?.parts.map((part) => ('text' in part ? part.text : part.type))).toEqual(['hm', 'TWO', 'tool', 'activity'])
    expect(after.messages[3]?.parts[2]).toBe(before.messages[3]?.parts[2])
  })

  test('drops what it leaves out, and messages of which nothing is left', () => {
    const after = fold([snapshot([user('u1'), user('u2')])], before)
    expect(after.messages.map(({ id }) => id)).toEqual(['u1', 'u2', 'r2'])
    expect(after.messages[2]?.parts.map(({ type }) => type)).toEqual(['reasoning', 'activity'])
    const asked = fold([runFinished('r2'), runStarted('r3', [user('u3')])], before)
    expect(fold([snapshot(same)], asked).messages.map(({ id }) => id)).toEqual(['u1', 'r1', 'u2', 'r2'])
  })

  test('adds what is new to the end', () => {
    const after = fold([snapshot([...same, said('a3', 'three', { toolCalls: [toolCall('d')] }), user('u3', 'More')])], before)
    expect(after.messages.map(({ id }) => id)).toEqual(['u1', 'r1', 'u2', 'r2', 'u3'])
    expect(after.messages[3]?.parts.slice(-2)).toEqual([
      { type: 'text', id: 'a3', text: 'three' },
      { type: 'tool', id: 'd', name: 'look', args: '{}', parent: 'a3', status: 'running' },
    ])
  })

  test('drops reasoning and activities only where it states some', () => {
    const types = (messages: readonly unknown[], more = {}) =>
      partsOf(fold([snapshot([...same, ...messages], more)], before)).map(({ type, id }) => `${type} ${id}`)
    const thought = { id: 't2', role: 'reasoning', content: 'so' }
    expect(types([thought])).not.toContain('reasoning t')
    expect(types([thought])).toContain('activity p')
    const plan = { id: 'p2', role: 'activity', activityType: 'PLAN', content: {} }
    expect(types([plan])).not.toContain('activity p')
    expect(types([plan])).toContain('reasoning t')
  })

  test.each<[string, unknown, boolean]>([
    ['all', null, false],
    ['of this type', ['PLAN'], false],
    ['of another type', ['LIST'], true],
    ['of no type', [], true],
    ['of what is no type', ['PLAN', 5], true],
    ['of what is no list', 'PLAN', true],
  ])('that declares to know the activities %s', (_, authoritativeActivityTypes, survives) => {
    const after = fold([snapshot(same, { metadata: { '@ag-ui/client': { authoritativeActivityTypes } } })], before)
    expect(partsOf(after).some(({ type }) => type === 'activity')).toBe(survives)
  })

  test('keeps a call in its place, with its times and status, where its result is stated differently', () => {
    const after = fold([snapshot([...same.slice(0, 4), { id: 'x', role: 'tool', toolCallId: 'c', content: 'SEEN' }])], before)
    expect(partsOf(after)).toContainEqual({
      type: 'tool',
      id: 'c',
      name: 'look',
      args: '{}',
      parent: 'a2',
      status: 'done',
      result: { id: 'x', content: 'SEEN' },
    })
  })

  test('takes the result from a call where it states none', () => {
    const after = fold([snapshot(same.slice(0, 4))], before)
    expect(partsOf(after)).toContainEqual({ type: 'tool', id: 'c', name: 'look', args: '{}', parent: 'a2', status: 'running' })
  })

  test('which then has no end', () => {
    const ended = fold([result('c', 'seen', { timestamp: 5 })], before)
    expect(partsOf(ended)).toContainEqual(expect.objectContaining({ id: 'c', endedAt: 5 }))
    expect(partsOf(fold([snapshot(same.slice(0, 4))], ended)).find(({ id }) => id === 'c')).not.toHaveProperty('endedAt')
  })

  test('moves a call to the message that it now belongs to, with what came of it', () => {
    const messages = [...same.slice(0, 3), said('b2', 'two', { toolCalls: [toolCall('c')] }), same[4]]
    const parts = fold([snapshot(messages)], before).messages[3]?.parts
    expect(parts?.map(({ type, id }) => `${type} ${id}`)).toEqual(['reasoning t', 'activity p', 'text b2', 'tool c'])
    expect(parts?.[3]).toMatchObject({ parent: 'b2', status: 'done', result: { content: 'seen' } })
  })

  test('leaves a call that was given up as it is', () => {
    const ended = fold([runFinished('r2'), runStarted('r3'), ...call('d'), runFinished('r3'), runStarted('r4')], before)
    const given = { id: 'd', role: 'assistant', content: '', toolCalls: [toolCall('d')] }
    expect(fold([snapshot([...same, given])], ended)).toBe(ended)
  })

  test('lets text in another role that is being written go on', () => {
    const content = (delta: string) => event('TEXT_MESSAGE_CONTENT', { messageId: 's', delta })
    const writing = fold([event('TEXT_MESSAGE_START', { messageId: 's', role: 'system' }), content('a')], before)
    const stated = fold([snapshot([...same, { id: 's', role: 'system', content: 'ab' }]), content('c')], writing)
    expect(stated.messages.at(-1)?.parts).toEqual([{ type: 'text', id: 's', text: 'abc', open: true }])
  })

  test('which a picture that it is stated as is not', () => {
    const writing = fold([event('TEXT_MESSAGE_START', { messageId: 's', role: 'user' })], before)
    const source = { type: 'url', value: 'x' }
    const stated = fold([snapshot([...same, user('s', [{ type: 'image', source }])])], writing)
    expect(stated.messages.at(-1)?.parts).toEqual([{ type: 'file', media: 'image', source }])
  })

  test('lets text that is being written go on, also where it states nothing of it yet', () => {
    const writing = fold(
      [event('TEXT_MESSAGE_START', { messageId: 'm' }), event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: 'ab' })],
      before,
    )
    expect(partsOf(fold([snapshot([...same, said('m', '')])], writing)).at(-1)).toEqual({ type: 'text', id: 'm', text: '', open: true })
  })

  test('lets text that is being written go on', () => {
    const writing = fold(
      [event('TEXT_MESSAGE_START', { messageId: 'm' }), event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: 'ab' })],
      before,
    )
    const stated = fold([snapshot([...same, said('m', 'abc')])], writing)
    expect(partsOf(fold([event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: 'd' })], stated)).at(-1)).toMatchObject({
      text: 'abcd',
      open: true,
    })
    const begun = fold([event('TEXT_MESSAGE_START', { messageId: 'm' })], before)
    expect(fold([snapshot([...same, said('m', '')])], begun)).toBe(begun)
  })

  test('leaves text in several pieces as it is, or puts all of it into the last', () => {
    const pieces = fold([...text('m', 'x'), ...reasoning('n', 'hm'), ...text('m', 'y')], before)
    expect(fold([snapshot([...same, said('m', 'xy')])], pieces)).toBe(pieces)
    const texts = partsOf(fold([snapshot([...same, said('m', 'z')])], pieces)).filter(({ id }) => id === 'm')
    expect(texts).toEqual([{ type: 'text', id: 'm', text: 'z' }])
  })

  test('changes what somebody said in place', () => {
    const after = fold([snapshot([user('u1', 'ONE'), ...same.slice(1)])], before)
    expect(after.messages[0]).toEqual({ ...before.messages[0], parts: [{ type: 'text', id: 'u1', text: 'ONE' }] })
  })

  test('leaves out what stands before the first message that the window knows', () => {
    expect(fold([snapshot([{ id: 's', role: 'system', content: 'Be kind' }, user('u0'), ...same])], before)).toBe(before)
  })

  test('outside a run, or without a list, changes nothing', () => {
    expect(fold([snapshot('none' as never)], before)).toBe(before)
    const ended = fold([runFinished('r2')], before)
    expect(fold([snapshot([])], ended)).toBe(ended)
  })
})
