import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A chunk, or only the part that matters of one. */
export type Chunk = Readonly<Record<string, unknown>>

/** How the endpoint answers one request. */
export type Reply =
  | { readonly kind: 'stream'; readonly chunks: readonly Chunk[]; readonly end?: 'done' | 'clean' | 'cut' | 'never' }
  | { readonly kind: 'error'; readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }

/** A model's endpoint that answers one request after the other as it is told; the last reply stands for all that follow. */
export interface ChatEndpoint {
  readonly baseURL: string
  /** The request bodies so far. */
  readonly requests: readonly ChatRequest[]
  /** Whether a caller left before its stream was over. */
  readonly wasAborted: () => boolean
}

/** What an agent asked for. */
export interface ChatRequest {
  readonly authorization: string | undefined
  readonly body: {
    readonly model: string
    readonly stream: boolean
    readonly messages: readonly Readonly<Record<string, unknown>>[]
    readonly tools?: readonly { readonly function: { readonly name: string } }[]
    readonly [field: string]: unknown
  }
}

/** Starts an endpoint that lives as long as the test. */
export async function chatEndpoint(...replies: readonly Reply[]): Promise<ChatEndpoint> {
  const requests: ChatRequest[] = []
  let aborted = false
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await readJson(request)) as ChatRequest['body']
    const reply = replies[Math.min(requests.length, replies.length - 1)]
    requests.push({ authorization: request.headers.authorization, body })
    response.on('close', () => {
      if (!response.writableFinished) aborted = true
    })
    if (reply !== undefined) answer(response, reply)
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests, wasAborted: () => aborted }
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'error') {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(JSON.stringify(reply.body))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of reply.chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  switch (reply.end ?? 'done') {
    case 'done':
      response.end('data: [DONE]\n\n')
      return
    case 'clean':
      response.end()
      return
    case 'cut':
      // Only what has left this process is cut off, not what was to be said before.
      response.write(':\n\n', () => response.socket?.resetAndDestroy())
      return
    case 'never':
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  request.setEncoding('utf8')
  for await (const part of request) text += String(part)
  return JSON.parse(text)
}

/** A chunk with a delta. */
export function delta(fields: Chunk): Chunk {
  return { id: 'c1', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: fields, finish_reason: null }], usage: null }
}

/** A chunk that ends the answer. */
export function finished(reason = 'stop'): Chunk {
  return { id: 'c1', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: reason }] }
}

/** A stream of the given deltas that ends as it should. */
export function stream(deltas: readonly Chunk[], reason = 'stop'): Reply {
  return { kind: 'stream', chunks: [...deltas.map(delta), finished(reason)] }
}
