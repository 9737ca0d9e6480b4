import { OpenAI } from 'openai'
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import { AgentError } from './agent-error.ts'
import { providerError, type Endpoint } from './provider-error.ts'

/** Opens the stream of one model call. It throws an {@link AgentError}, or the signal's reason once that is aborted. */
export type ModelStream = (
  body: ChatCompletionCreateParamsStreaming,
  signal: AbortSignal,
) => AsyncGenerator<ChatCompletionChunk, void, undefined>

/** Where the calls go. */
export interface ModelEndpoint extends Endpoint {
  readonly fetch?: typeof fetch
  readonly maxRetries?: number
}

/** Prepares calls of an OpenAI-compatible endpoint. */
export function modelStream(endpoint: ModelEndpoint): ModelStream {
  const { apiKey, baseURL, fetch: fetchImpl = fetch, maxRetries = 2 } = endpoint
  // The client repeats requests, never a stream that began, so nothing is ever said twice.
  const client = new OpenAI({ apiKey, baseURL, fetch: withoutLongWaits(fetchImpl), maxRetries, logLevel: 'off' })

  return async function* stream(body, signal) {
    signal.throwIfAborted()
    // A controller a call: the client leaves its listener on the signal that it gets, and Node warns at the eleventh.
    const call = new AbortController()
    const abort = () => call.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    let finished = false
    try {
      const chunks = await untilAborted(client.chat.completions.create(body, { signal: call.signal }), call.signal)
      for await (const chunk of chunks) {
        if (finishReason(chunk) !== undefined) finished = true
        yield chunk
      }
    } catch (error) {
      signal.throwIfAborted()
      // After the finish marker come only figures; an answer that is whole is not lost with them.
      if (!finished) throw providerError(error, endpoint)
    } finally {
      signal.removeEventListener('abort', abort)
    }
    // The client ends a stream that was aborted as if it were complete.
    signal.throwIfAborted()
    if (!finished) throw new AgentError('broke_off', "the model's stream ended before its finish marker, so its answer is not whole")
  }
}

/** Why the model stopped, where this chunk says so. */
export function finishReason(chunk: ChatCompletionChunk): string | undefined {
  const reason: string | null | undefined = chunk.choices?.[0]?.finish_reason
  return reason === null || reason === '' ? undefined : reason
}

const LONGEST_WAIT_MS = 10_000

/** The client would wait as long as the endpoint says, be it an hour; a person waits for this answer and should hear of it now. */
function withoutLongWaits(fetchImpl: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await fetchImpl(input, init)
    if (response.ok || retryAfterMs(response.headers) <= LONGEST_WAIT_MS) return response
    const headers = new Headers(response.headers)
    headers.set('x-should-retry', 'false')
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
  }
}

function retryAfterMs(headers: Headers): number {
  const exact = headers.get('retry-after-ms')
  if (exact !== null) return Number(exact)
  const header = headers.get('retry-after')
  if (header === null) return 0
  const seconds = Number(header)
  return Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000
}

/** The client's pause between two tries does not hear the signal. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    promise.then(resolve, reject)
  })
}
