import type { OpenInterrupt } from '@throughline/sdk/protocol'

/** How a question can be answered: by a yes, by one of several choices, by a number, by JSON, or in words. */
export type AnswerForm =
  | { readonly kind: 'approve' }
  | { readonly kind: 'choose'; readonly choices: readonly (string | number)[] }
  | { readonly kind: 'number' }
  | { readonly kind: 'json' }
  | { readonly kind: 'words' }

/** Reads from a question what an answer has to look like. */
export function answerForm({ reason, responseSchema }: OpenInterrupt): AnswerForm {
  const choices: unknown = responseSchema?.['enum']
  if (Array.isArray(choices) && choices.length > 0 && choices.every(isChoice)) return { kind: 'choose', choices }
  switch (responseSchema?.['type']) {
    case 'boolean':
      return { kind: 'approve' }
    case 'number':
    case 'integer':
      return { kind: 'number' }
    case 'object':
    case 'array':
      return { kind: 'json' }
    case 'string':
      return { kind: 'words' }
    default:
      return reason === 'approval' ? { kind: 'approve' } : { kind: 'words' }
  }
}

/** Reads what was typed; throws where it does not fit, with words for the person who typed it. */
export function readAnswer(form: AnswerForm, typed: string): unknown {
  switch (form.kind) {
    case 'number': {
      const number = Number(typed)
      if (typed.trim() === '' || !Number.isFinite(number)) throw new Error('Please give a number.')
      return number
    }
    case 'json':
      try {
        return JSON.parse(typed)
      } catch (cause) {
        throw new Error('This is not valid JSON yet.', { cause })
      }
    case 'words':
      if (typed.trim() === '') throw new Error('Please write an answer, or cancel the question.')
      return typed.trim()
    case 'approve':
    case 'choose':
      return typed
    default:
      return form satisfies never
  }
}

function isChoice(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
