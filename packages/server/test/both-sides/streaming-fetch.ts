import type { ConnectOptions } from '@throughline/sdk'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Line, Tampering } from './line.ts'
import type { ServerProcess } from './restarting-server.ts'

export type Fetch = NonNullable<ConnectOptions['fetch']>

/** What requests in memory need. */
export interface StreamingFetchOptions {
  /** Undefined where none can be reached. */
  readonly server: () => ServerProcess | undefined
  /** Whether an answer is passed on only when it is whole. */
  readonly passesWhole: () => boolean
  readonly tampering: Pick<Tampering, 'request'>
  readonly count: (name: string) => void
  readonly onLine: (line: Line) => void
  readonly onOver: (line: Line) => void
}

/** Asks a server in memory. Each answer comes over a line of its own, which can be held, cut, or lead nowhere. */
export function streamingFetch({ server, passesWhole, tampering, count, onLine, onOver }: StreamingFetchOptions): Fetch {
  return async (url, { method, headers, body, signal }) => {
    const process = server()
    const { pathname } = new URL(url)
    const fate = tampering.request()
    if (process === undefined || fate === 'lose') throw new TypeError('fetch failed')
    if (fate === 'hang') return aborted(signal)
    if (body?.includes('"hold":false')) count('stream not held')
    const app = await process.http()
    const died = process.life.ended.then(() => Promise.reject(new TypeError('fetch failed')))
    const asked = app.inject({
      method: method as 'POST',
      url: pathname,
      headers: { host: 'localhost', ...headers },
      ...(body !== undefined && { payload: body }),
      payloadAsStream: true,
    })
    const answer = await Promise.race([asked, died])
    const raw = answer.raw.res
    const { line, stream } = bodyOver(answer.stream(), raw, passesWhole(), onOver)
    onLine(line)
    if (signal?.aborted) line.leave()
    signal?.addEventListener('abort', line.leave)
    if (fate === 'lose answer' || process.life.isOver()) {
      line.cut()
      throw new TypeError('fetch failed')
    }
    const response = new Response(stream, { status: answer.statusCode, headers: answer.headers as Record<string, string> })
    return { ok: response.ok, status: response.status, headers: response.headers, body: response.body, json: () => response.json() }
  }
}

/** Waits for an answer that never comes. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new TypeError('aborted'))))
}

/** What is read of an answer, over a line. */
function bodyOver(
  sent: Readable,
  raw: ServerResponse,
  isWhole: boolean,
  onOver: (line: Line) => void,
): { readonly line: Line; readonly stream: ReadableStream<Uint8Array> } {
  let state: 'flowing' | 'held' | 'lost' = 'flowing'
  let waiting: Uint8Array[] = []
  let hasEnded = false
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
  })
  const flush = () => {
    if (state === 'lost' || (isWhole && !hasEnded)) return
    for (const chunk of waiting) controller?.enqueue(chunk)
    waiting = []
    if (hasEnded) close(() => controller?.close())
  }
  const close = (act: () => void) => {
    if (state === 'lost') return
    act()
    state = 'lost'
    onOver(line)
  }
  sent.on('data', (chunk: Buffer) => {
    waiting.push(new Uint8Array(chunk))
    if (state === 'flowing') flush()
  })
  sent.on('end', () => {
    hasEnded = true
    if (state === 'flowing') flush()
  })
  sent.on('error', () => close(() => controller?.error(new TypeError('terminated'))))

  const line: Line = {
    hold: () => {
      if (state === 'flowing') state = 'held'
    },
    flush,
    release: () => {
      if (state === 'held') state = 'flowing'
      flush()
    },
    cut: () => {
      close(() => controller?.error(new TypeError('terminated')))
      raw.destroy()
    },
    blackHole: () => {
      state = 'lost'
      onOver(line)
    },
    leave: () => {
      state = 'lost'
      onOver(line)
      raw.destroy()
    },
  }
  return { line, stream }
}
