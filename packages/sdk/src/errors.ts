import type { RefusalCode } from './protocol/index.ts'

/**
 * What went wrong: a refusal of the server under its own code, or
 * `closed`: the client, or the session, was closed by the app;
 * `unreachable`: an HTTP call got no answer;
 * `unauthorized`: the token was refused for good;
 * `version`: the server speaks another version of the protocol;
 * `protocol`: the other side broke the protocol;
 * `detached`: the server ended the watch;
 * `damaged`: the session's frames could not be applied three times in a row;
 * `superseded`: another view of this user has the session for itself; `retry()` takes it back;
 * `expired`: a command waited for a day and did not take effect;
 * `principal`: a command was given by another user than the one who is signed in now.
 */
export type SessionErrorCode =
  | RefusalCode
  | 'closed'
  | 'unreachable'
  | 'unauthorized'
  | 'version'
  | 'protocol'
  | 'detached'
  | 'damaged'
  | 'superseded'
  | 'expired'
  | 'principal'

/** The one error class of the SDK. Its message says what happened, why, and what to do. */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly code: SessionErrorCode
  /** After how many milliseconds it may be tried again, where the server said so. */
  readonly retryMs: number | undefined

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions & { readonly retryMs?: number | undefined }) {
    super(message, options)
    this.code = code
    this.retryMs = options?.retryMs
  }
}
