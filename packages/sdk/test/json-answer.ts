import type { FetchAnswer } from '../src/index.ts'

/** What `fetch` gives where the server answers 200 with this body. */
export function jsonAnswer(body: unknown): FetchAnswer {
  return { ok: true, status: 200, headers: { get: () => null }, json: async () => body, text: async () => JSON.stringify(body) }
}
