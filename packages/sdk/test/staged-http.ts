import type { Fetch, FetchAnswer } from '../src/index.ts'
import { encodeFrame, type ClientFrame, type ServerFrame } from '../src/protocol/index.ts'

/** One request, from the server's side. It waits for its answer until the test gives one. */
export interface StagedRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The frames in its body. */
  readonly body: readonly ClientFrame[]
  readonly types: readonly string[]
  readonly isAborted: () => boolean
  /** Begins an event stream, unless it has begun, and sends frames over it; a text goes as it is. */
  readonly says: (...frames: (ServerFrame | string)[]) => Promise<void>
  /** Ends the stream without a word. */
  readonly ends: () => Promise<void>
  /** Sends all of it at its end only, as a buffering proxy does; without a body where the platform has no streams. */
  readonly saysWhole: (frames: readonly ServerFrame[], platform?: 'streams' | 'no streams') => Promise<void>
  /** Answers with a status, and a body where one is given. */
  readonly answers: (status: number, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<void>
  /** The network breaks. */
  readonly breaks: (message?: string) => Promise<void>
}

/** A `fetch` whose other end the test is. */
export interface StagedHttp {
  readonly fetch: Fetch
  readonly requests: readonly StagedRequest[]
  /** How many were neither answered to their end nor aborted. */
  readonly open: () => number
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8' }

// A turn of the real event loop comes after every microtask, also those of streams.
const settle = () => new Promise<void>((resolve) => void setTimeout(resolve, 0))

/** Sets up requests that go nowhere. `deaf`: they go on when they are aborted, as some platforms have it. */
export function stagedHttp({ deaf = false } = {}): StagedHttp {
  const requests: StagedRequest[] = []
  const open = new Set<StagedRequest>()
  return {
    requests,
    open: () => open.size,
    fetch: (url, { headers, body = '[]', signal }) =>
      new Promise((resolve, reject) => {
        let controller: ReadableStreamDefaultController<Uint8Array> | undefined
        const aborting = signal as unknown as AbortSignal
        const frames = JSON.parse(body) as ClientFrame[]
        const request: StagedRequest = {
          path: new URL(url).pathname,
          headers,
          body: frames,
          types: Array.isArray(frames) ? frames.map(({ type }) => type) : [],
          isAborted: () => aborting.aborted,
          says: (...said) => {
            if (!controller) {
              const bytes = new ReadableStream<Uint8Array>({ start: (begun) => void (controller = begun) })
              resolve(answerOf(200, STREAM_HEADERS, undefined, bytes))
            }
            for (const frame of said) controller?.enqueue(new TextEncoder().encode(typeof frame === 'string' ? frame : eventOf(frame)))
            return settle()
          },
          ends: async () => {
            await request.says()
            controller?.close()
            open.delete(request)
            await settle()
          },
          saysWhole: async (said, platform = 'streams') => {
            const text = said.map(eventOf).join('')
            const bytes = platform === 'streams' ? new Blob([text]).stream() : undefined
            open.delete(request)
            resolve(answerOf(200, STREAM_HEADERS, undefined, bytes, text))
            await settle()
            await settle()
          },
          answers: (status, content, given = {}) => {
            open.delete(request)
            resolve(answerOf(status, { 'content-type': 'application/json', ...given }, content))
            return settle()
          },
          breaks: (message = 'fetch failed') => {
            open.delete(request)
            if (controller) controller.error(new TypeError(message))
            else reject(new TypeError(message))
            return settle()
          },
        }
        if (aborting.aborted) return reject(new DOMException('aborted', 'AbortError'))
        aborting.addEventListener('abort', () => {
          open.delete(request)
          if (deaf) return
          reject(new DOMException('aborted', 'AbortError'))
          if (controller) controller.error(new DOMException('aborted', 'AbortError'))
        })
        open.add(request)
        requests.push(request)
        return undefined
      }),
  }
}

function eventOf(frame: ServerFrame): string {
  return `data: ${encodeFrame(frame)}\n\n`
}

function answerOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  content: unknown,
  body?: ReadableStream<Uint8Array>,
  text = '',
): FetchAnswer {
  return {
    ok: status < 300,
    status,
    headers: { get: (name) => headers[name] ?? null },
    ...(body && { body }),
    json: () => (content === undefined ? Promise.reject(new SyntaxError('no JSON')) : Promise.resolve(content)),
    text: async () => text,
  }
}
