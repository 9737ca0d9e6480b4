/**
 * What went wrong in a store: `locked`, another process has it; `full`, no room; `read_only`; `corrupt`; `too_new`, written by a later version;
 * `unavailable`, it cannot be reached or loaded now; `closed`, it was closed; `failed`, anything else.
 */
export type StoreErrorCode = 'locked' | 'full' | 'read_only' | 'corrupt' | 'too_new' | 'unavailable' | 'closed' | 'failed'

/** A store could not do what it was asked; nothing of it was done. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
