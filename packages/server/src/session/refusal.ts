import type { RefusalCode } from '@throughline/sdk/protocol'

/** A request was refused, and had no effect: what `refused` frames and HTTP error bodies say. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  /** After how many milliseconds the same request may be tried again; absent where it would be refused again. */
  readonly retryMs: number | undefined

  constructor(code: RefusalCode, message: string, options?: ErrorOptions & { readonly retryMs?: number | undefined }) {
    super(message, options)
    this.code = code
    this.retryMs = options?.retryMs
  }
}
