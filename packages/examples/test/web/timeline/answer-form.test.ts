import type { OpenInterrupt } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { answerForm, readAnswer } from '../../../web/src/timeline/answer-form.ts'

function formOf(question: Partial<OpenInterrupt>): ReturnType<typeof answerForm> {
  return answerForm({ id: 'q', run: 'a', reason: 'input', ...question })
}

describe('how a question is answered', () => {
  test.each([
    [{}, { kind: 'words' }],
    [{ reason: 'approval' }, { kind: 'approve' }],
    [{ responseSchema: { type: 'boolean' } }, { kind: 'approve' }],
    [{ responseSchema: { type: 'string', enum: ['a', 'b'] } }, { kind: 'choose', choices: ['a', 'b'] }],
    [{ responseSchema: { type: 'integer' } }, { kind: 'number' }],
    [{ responseSchema: { type: 'object' } }, { kind: 'json' }],
    [{ reason: 'approval', responseSchema: { type: 'string' } }, { kind: 'words' }],
  ] as const)('%j is answered by %j', (question, form) => {
    expect(formOf(question)).toEqual(form)
  })

  test('what does not fit is said to the person, not sent', () => {
    expect(() => readAnswer({ kind: 'number' }, 'many')).toThrow(/number/)
    expect(() => readAnswer({ kind: 'number' }, ' ')).toThrow(/number/)
    expect(() => readAnswer({ kind: 'json' }, '{')).toThrow(/JSON/)
    expect(() => readAnswer({ kind: 'words' }, '  ')).toThrow(/answer/)
  })

  test('what fits is the payload', () => {
    expect(readAnswer({ kind: 'number' }, '4')).toBe(4)
    expect(readAnswer({ kind: 'json' }, '{"a":1}')).toEqual({ a: 1 })
    expect(readAnswer({ kind: 'words' }, ' Rome ')).toBe('Rome')
  })
})
