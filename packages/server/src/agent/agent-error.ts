/**
 * What went wrong with an agent: `not_configured`, a setting is missing or cannot be used; `not_found`, no such agent or file; `not_an_agent`,
 * the file exports none, or cannot be loaded; `refused`, the model's endpoint answered with an error; `unreachable`, it did not answer;
 * `broke_off`, its stream ended before its finish marker; `endless`, the model calls tools without coming to an end.
 */
export type AgentErrorCode = 'not_configured' | 'not_found' | 'not_an_agent' | 'refused' | 'unreachable' | 'broke_off' | 'endless'

/** A ready-made agent could not be made, or could not go on. Its message never holds a key. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: AgentErrorCode

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
