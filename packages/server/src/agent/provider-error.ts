import { inspect } from 'node:util'
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { AgentError } from './agent-error.ts'

/** The endpoint that an error is about. */
export interface Endpoint {
  readonly baseURL: string
  readonly apiKey: string
}

/** Says what went wrong at a model's endpoint, and never its key, which some endpoints repeat in their answer. */
export function providerError(error: unknown, { baseURL, apiKey }: Endpoint): AgentError {
  const said = shortened(innermost(error).replaceAll(apiKey, '[key]'))
  const options = inspect(error, { depth: 10 }).includes(apiKey) ? {} : { cause: error }
  const endpoint = `the model's endpoint at ${new URL(baseURL).host}`
  if (error instanceof APIConnectionTimeoutError) return new AgentError('unreachable', `${endpoint} did not answer in time`, options)
  if (error instanceof APIConnectionError) return new AgentError('unreachable', `${endpoint} cannot be reached: ${said}`, options)
  if (error instanceof APIError) return new AgentError('refused', `${endpoint} ${refusal(error.status)}: ${said}`, options)
  return new AgentError('broke_off', `the model's stream broke off: ${said}`, options)
}

function refusal(status: unknown): string {
  switch (status) {
    case undefined:
      return 'reported an error in its stream'
    case 401:
    case 403:
      return 'refused the key'
    case 404:
      return 'knows no such model, or the address is wrong'
    case 429:
      return 'has had enough for now'
    default:
      return typeof status === 'number' && status >= 500 ? 'failed' : 'refused the request'
  }
}

/** What a cause says is nearer to the matter: “connect ECONNREFUSED”, not “Connection error.”. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return innermost(error.cause)
  if (error instanceof AggregateError && error.message === '') return error.errors.map(innermost).join(', ')
  return error.message
}

function shortened(text: string): string {
  return text.length <= 500 ? text : `${text.slice(0, 499)}…`
}
