import { expect, test } from 'vitest'
import type { TranscriptMessage } from '../../src/protocol/index.ts'
import { regenerated } from '../../src/session/regenerated.ts'

const user = (id: string): TranscriptMessage => ({ id, role: 'user', parts: [{ type: 'text', id, text: `say ${id}` }] })
const agent = (id: string): TranscriptMessage => ({ id, role: 'assistant', parts: [] })

const talk = [user('q1'), agent('a1'), user('q2'), agent('a2'), agent('a2.2')]

test('without a message, the answer to the last question goes', () => {
  expect(regenerated(talk, undefined)).toEqual({ replaces: 'a2' })
})

test('with any message of an answer, that whole answer goes', () => {
  expect(regenerated(talk, 'a2.2')).toEqual({ replaces: 'a2' })
  expect(regenerated(talk, 'a1')).toEqual({ replaces: 'a1' })
})

test('with a question, its answer goes', () => {
  expect(regenerated(talk, 'q1')).toEqual({ replaces: 'a1' })
})

test('a question without an answer is asked once more', () => {
  const file = { type: 'file', media: 'image', source: { type: 'url', value: 'https://x.test/a.png' } } as const
  const asked: TranscriptMessage = { ...user('q3'), parts: [...user('q3').parts, file] }
  expect(regenerated([...talk, asked], undefined)).toEqual({
    replaces: 'q3',
    content: [
      { type: 'text', text: 'say q3' },
      { type: 'image', source: file.source },
    ],
  })
})

test('where there is no question there is nothing to regenerate', () => {
  expect(() => regenerated([], undefined)).toThrow(expect.objectContaining({ code: 'invalid' }))
  expect(() => regenerated([agent('a')], 'a')).toThrow(expect.objectContaining({ code: 'invalid' }))
  expect(() => regenerated(talk, 'unknown')).toThrow(expect.objectContaining({ code: 'invalid' }))
})
