import { expect, test } from 'vitest'
import { SessionError } from '../../src/errors.ts'
import { EMPTY_TRANSCRIPT, type CommandFrame, type Transcript } from '../../src/protocol/index.ts'
import { hasTakenEffect } from '../../src/saved/has-taken-effect.ts'

const user = { type: 'send', id: 'c', session: 's', message: { id: 'c', role: 'user', content: 'hi' } } as const
const tool = { type: 'send', id: 'c', session: 's', message: { id: 'c', role: 'tool', toolCallId: 'call', content: 'ok' } } as const
const regenerate = { type: 'send', id: 'c', session: 's', replaces: 'old' } as const
const answer = { type: 'answer', id: 'c', session: 's', interrupt: 'i', status: 'resolved' } as const
const stop = { type: 'stop', id: 'c', session: 's', run: 'r' } as const
const unqueue = { type: 'unqueue', id: 'c', session: 's', message: 'm' } as const

const message = (id: string, parts: readonly object[] = []) => ({ messages: [{ id, role: 'assistant', parts }] })
const open = { id: 'i', reason: 'input_required', run: 'r' }

test.each<[string, CommandFrame, object, boolean]>([
  ['a message that stands there', user, message('c'), true],
  ['a message that waits in the queue', user, { queue: [{ message: user.message, by: 'ann' }] }, true],
  ['a message that is not there', user, message('other'), false],
  ['a new answer, the old one being gone', regenerate, message('other'), true],
  ['a new answer, the old one being there', regenerate, message('old'), false],
  ['the result of a call that has one', tool, message('r', [{ type: 'tool', id: 'call', result: { id: 'x' } }]), true],
  ['the result of a call that waits for it', tool, message('r', [{ type: 'tool', id: 'call' }]), false],
  ['the result of a call that is gone', tool, message('r'), true],
  ['an answer to what is open', answer, { interrupts: [open] }, false],
  ['an answer to what is answered', answer, { interrupts: [{ ...open, answer: { status: 'resolved', by: 'ann' } }] }, true],
  ['an answer to what is over', answer, {}, true],
  ['a stop', stop, {}, true],
  ['a message taken back', unqueue, {}, true],
])('%s', async (_, frame, fields, expected) => {
  const transcript = { ...EMPTY_TRANSCRIPT, ...fields } as Transcript
  const call = () => Promise.reject(new Error('nobody has to be asked'))
  expect(await hasTakenEffect(frame, { transcript, more: false }, call)).toBe(expected)
})

test.each<[string, () => Promise<unknown>, boolean | undefined]>([
  ['has it', async () => ({ messages: [] }), true],
  ['does not know it', () => Promise.reject(new SessionError('invalid', 'no such message')), false],
  ['is not there', () => Promise.reject(new SessionError('unreachable', 'no answer')), undefined],
])('of a message that may be older than what is there, the server says whether it %s', async (_, call, expected) => {
  expect(await hasTakenEffect(user, { transcript: EMPTY_TRANSCRIPT, more: true }, call)).toBe(expected)
})
