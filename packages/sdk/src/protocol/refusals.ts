/** Why a request was refused, each with the HTTP status that says the same. */
export const REFUSALS = {
  invalid: 400,
  too_large: 413,
  unknown_type: 400,
  session_not_found: 404,
  session_expired: 410,
  forbidden: 403,
  busy: 409,
  waiting: 409,
  queue_full: 429,
  id_conflict: 409,
  id_taken: 409,
  interrupt_closed: 409,
  answer_invalid: 422,
  rate_limited: 429,
  unavailable: 503,
} as const

/** The code of a `refused` frame and of an HTTP error body. */
export type RefusalCode = keyof typeof REFUSALS

/** Whether a text is a refusal code that this version knows. */
export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(REFUSALS, text)
}
