import { abortSwitch, type AbortSwitch } from '../abort-switch.ts'
import { retryAfterMs, type AskServer, type FetchAnswer } from '../ask-server.ts'
import type { Clock } from '../clock.ts'
import { CLOSE_CODES, encodeFrame, type ClientFrame, type CommandFrame, type ServerFrame } from '../protocol/index.ts'
import { eventData } from './event-data.ts'
import type { Socket, SocketEvent } from './open-socket.ts'
import { readText } from './read-text.ts'

/** What is known of the network from one socket to the next. */
export interface StreamNetwork {
  /** It passes on an answer only when it is whole, or the platform does. */
  isBuffering: boolean
}

/** What a socket over HTTP needs. */
export interface StreamSocketOptions {
  readonly ask: AskServer
  readonly clock: Clock
  readonly network: StreamNetwork
  /** The socket is closed, from either side. */
  readonly onOver: () => void
}

/** One request, and its answer as far as it has come. */
interface Stream {
  readonly aborting: AbortSwitch
  readonly begunAt: number
  /** What was said in its turn; undefined when that is over. */
  said?: string[] | undefined
  firstAt?: number
  timer?: unknown
}

const FIRST_BYTE_MS = 5_000
// Where a request gets lost nobody tells, and the stream beside it may be well.
const POST_MS = 25_000
// The server holds an answer without news for 20 s; then it has still to come here.
const HELD_MS = 30_000
const LEAST_MS = 250
// Bytes that come so long before the end show that answers are not held back until they are whole.
const APART_MS = 1_000
const BODY_CHARS = 200_000
const BROKEN = 1006
const OPEN = 1
const CLOSED = 3
const SIGN_OF_LIFE = '{"type":"comment"}'

/**
 * A socket over `POST /stream` and `POST /frames`, for networks that have no way for a WebSocket. What is said in the turn of an `open` is the body of
 * a stream; commands go by themselves; whatever else is said later needs another stream, so the socket opens again. Where answers are held back until
 * they are whole it asks for short ones, one after the other.
 */
export function openStreamSocket({ ask, clock, network, onOver }: StreamSocketOptions): Socket {
  const listeners: Record<string, ((event: SocketEvent) => void)[]> = {}
  let readyState = 0
  /** The one that counts. What arrives from any other is nobody's. */
  let stream: Stream | undefined
  let isWhole = network.isBuffering
  /** A ping has the server end a whole answer at once, behind the answers to all attaches. */
  let ping: string | undefined = encodeFrame({ type: 'ping', n: 0 })
  let isRenewing = true
  const commands: string[] = []
  let posting: AbortSwitch | undefined
  let postTimer: unknown
  let hasFailed = false

  /** Opens, or opens again, after this turn. */
  async function renew(): Promise<void> {
    isRenewing = true
    await Promise.resolve()
    if (isRenewing) open()
  }

  function open(): void {
    isRenewing = false
    if (readyState === CLOSED) return
    drop()
    stream = { aborting: abortSwitch(), begunAt: clock.now(), said: [] }
    readyState = OPEN
    const opened = stream
    tell('open', {})
    void run(opened)
  }

  async function run(mine: Stream): Promise<void> {
    const isCurrent = () => mine === stream
    await Promise.resolve()
    const said = [...(mine.said ?? []), ...(ping === undefined ? [] : [ping])]
    mine.said = undefined
    if (!isCurrent()) return
    ping = undefined
    if (!isWhole) mine.timer = clock.setTimeout(askForWhole, FIRST_BYTE_MS)
    try {
      const answer = await ask('POST', '/stream', `[${said.join()}]`, mine.aborting.signal)
      if (!isCurrent()) return
      if (!answer.ok || !typeOf(answer).startsWith('text/event-stream')) return refused(answer)
      const feed = eventData((data) => isCurrent() && take(data))
      await readText(answer, (text) => {
        if (!isCurrent()) return false
        clock.clearTimeout(mine.timer)
        mine.firstAt ??= clock.now()
        // Whatever comes is a sign of life, also a comment and a part of a frame.
        tell('message', { data: SIGN_OF_LIFE })
        feed(text)
        return isCurrent()
      })
      if (isCurrent()) ended(mine)
    } catch (cause) {
      if (isCurrent()) end(BROKEN, cause instanceof Error ? cause.message : '', cause)
    }
  }

  /** Nothing has come: either there is nobody, or answers are held back until they are whole. */
  function askForWhole(): void {
    isWhole = true
    ping ??= encodeFrame({ type: 'ping', n: 0 })
    open()
  }

  function take(data: string): void {
    const frame = data.includes('"closed"') && (JSON.parse(data) as ServerFrame)
    if (frame && frame.type === 'closed') end(frame.code, frame.reason)
    else tell('message', { data })
  }

  /** An answer came to its end without a word about why. */
  function ended(mine: Stream): void {
    const { begunAt, firstAt } = mine
    if (!isWhole || firstAt === undefined) return end(BROKEN, 'the stream ended')
    const now = clock.now()
    isWhole = Math.abs(now - firstAt) < APART_MS
    network.isBuffering = isWhole
    mine.timer = clock.setTimeout(open, Math.min(LEAST_MS, Math.max(0, begunAt + LEAST_MS - now)))
  }

  function refused(answer: FetchAnswer): void {
    const { status } = answer
    const retryMs = retryAfterMs(answer, clock.now())
    if (retryMs !== undefined) tell('message', { data: encodeFrame({ type: 'bye', reason: `HTTP ${status}`, retryMs }) })
    const what = answer.ok ? 'by something that is not the server: does this network ask for a login?' : `with ${status}`
    end(closeCodeOf(answer) ?? BROKEN, `answered ${what} (${typeOf(answer)})`)
  }

  /** Posts what commands there are, one request at a time, so that they keep their order. */
  async function post(): Promise<void> {
    if (posting) return
    posting = abortSwitch()
    await Promise.resolve()
    for (let posted = nextPost(); posted.length > 0; posted = nextPost()) {
      const asking = (posting = abortSwitch())
      postTimer = clock.setTimeout(() => asking.abort(), POST_MS)
      const answer = await ask('POST', '/frames', `[${posted.join()}]`, asking.signal).catch(() => undefined)
      const frames = answer?.ok ? await answer.json().catch(() => undefined) : undefined
      clock.clearTimeout(postTimer)
      if (readyState !== OPEN) return
      if (Array.isArray(frames)) for (const frame of frames as ServerFrame[]) tell('message', { data: encodeFrame(frame) })
      else unanswered(posted, answer)
      hasFailed = !Array.isArray(frames)
    }
    posting = undefined
  }

  function nextPost(): string[] {
    let chars = 0
    const count = commands.findIndex((text, index) => (chars += text.length) > BODY_CHARS && index > 0)
    return commands.splice(0, count < 0 ? commands.length : count)
  }

  /** What became of the commands is not known. They go once more, before those that came meanwhile; or after the time that the server asks for. */
  function unanswered(posted: readonly string[], answer: FetchAnswer | undefined): void {
    const code = answer && closeCodeOf(answer)
    const retryMs = answer && retryAfterMs(answer, clock.now())
    if (code !== undefined || (retryMs === undefined && hasFailed)) return end(code ?? BROKEN, 'commands were not answered')
    commands.unshift(...posted)
    if (retryMs === undefined) return
    for (const text of commands.splice(0)) {
      const { id, session } = JSON.parse(text) as CommandFrame
      tell('message', { data: encodeFrame({ type: 'refused', id, session, code: 'unavailable', message: 'later', retryMs }) })
    }
  }

  function send(text: string): void {
    const { type } = JSON.parse(text) as ClientFrame
    switch (type) {
      case 'send':
      case 'answer':
      case 'stop':
      case 'unqueue':
        commands.push(text)
        return void post()
      case 'pong':
        return
      case 'hello':
      case 'attach':
      case 'watch':
        if (stream?.said) return void stream.said.push(isWhole && type === 'hello' ? `{"hold":false,${text.slice(1)}` : text)
        break
      case 'ping':
      case 'detach':
      case 'token':
        break
      default:
        return type satisfies never
    }
    ping = type === 'ping' ? text : (ping ?? encodeFrame({ type: 'ping', n: 0 }))
    void renew()
  }

  function end(code: number, reason: string, error?: unknown): void {
    if (readyState === CLOSED) return
    readyState = CLOSED
    drop()
    commands.length = 0
    posting?.abort()
    clock.clearTimeout(postTimer)
    onOver()
    if (error !== undefined) tell('error', { error })
    tell('close', { code, reason })
  }

  function drop(): void {
    stream?.aborting.abort()
    clock.clearTimeout(stream?.timer)
    stream = undefined
  }

  function tell(type: string, event: SocketEvent): void {
    for (const listener of listeners[type] ?? []) listener(event)
  }

  void renew()
  return {
    get readyState() {
      return readyState
    },
    addEventListener: (type, listener) => {
      ;(listeners[type] ??= []).push(listener)
    },
    send,
    close: (code = BROKEN, reason = '') => end(code, reason),
    silenceMs: () => (isWhole ? HELD_MS : 0),
  }
}

/** The close code that says the same as a status. A proxy's own page may be 403, too: that is not the server's last word. */
function closeCodeOf(answer: FetchAnswer): number | undefined {
  if (answer.status === 401) return CLOSE_CODES.unauthorized
  return answer.status === 403 && typeOf(answer).startsWith('application/json') ? CLOSE_CODES.forbidden : undefined
}

function typeOf({ headers }: FetchAnswer): string {
  return headers.get('content-type') ?? 'no type'
}
