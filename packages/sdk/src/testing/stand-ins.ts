import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'

const LOGIN_PAGE = '<!doctype html><title>Welcome</title><h1>Welcome to the network</h1><form><button>Accept and connect</button></form>'

/** No connection is used again: a request that follows the fault's end must reach the server. */
const LAST = { connection: 'close' }

/** Answers every request, an upgrade too, with a page that the client never asked for. */
export function captivePortal(): Server {
  return createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...LAST }).end(LOGIN_PAGE)
  })
}

/** Answers every request with 503, as a load balancer does that has no server left. */
export function overloadedServer(retryAfterSec: number): Server {
  return createServer((request, response) => {
    request.resume()
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': String(retryAfterSec), ...LAST }).end('Service Unavailable')
  })
}

/** These concern one connection, so a proxy keeps them; an upgrade goes with them. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Forwards requests, and answers each when its answer is complete. As it forwards neither `Connection` nor `Upgrade`, a WebSocket's
 * handshake reaches the server as a plain GET.
 */
export function bufferingProxy(target: { readonly host: string; readonly port: number }): Server {
  return createServer((request, response) => {
    const { method, url, headers } = request
    const forwarded = httpRequest({ ...target, method, path: url, headers: endToEnd(headers), agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', () => response.destroy())
      answer.on('end', () => {
        const body = Buffer.concat(chunks)
        response.writeHead(answer.statusCode ?? 502, { ...endToEnd(answer.headers), 'content-length': body.length, ...LAST }).end(body)
      })
    })
    forwarded.on('error', () => {
      if (!response.headersSent) response.writeHead(502, LAST).end()
    })
    response.on('close', () => forwarded.destroy())
    request.pipe(forwarded)
  })
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}
