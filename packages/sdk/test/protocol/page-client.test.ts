import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { decodeClientFrame, EMPTY_TRANSCRIPT, type ClientFrame, type ServerFrame, type Transcript } from '../../src/protocol/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'
import { golden } from './page.ts'

/** What the example of a client takes, and gives. */
type Follow = (
  session: string,
  app: {
    readonly dial: () => FakeSocket
    readonly hello: () => ClientFrame
    readonly fold: typeof applyEvents
    readonly show: (transcript: Transcript) => void
    readonly giveUp: (why: unknown) => void
    readonly outbox: Map<string, ClientFrame>
  },
) => { readonly give: (command: ClientFrame) => void }

const [EXAMPLE] = golden('example')
const code = EXAMPLE?.text ?? ''
const { follow } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(`${code}export { follow }`)}`)) as {
  readonly follow: Follow
}

/** A socket whose other end is the test. What the client sends must be frames that a server takes. */
class FakeSocket {
  onopen = () => {}
  onmessage = (_message: { readonly data: string }) => {}
  onclose = (_close: { readonly code: number }) => {}
  isClosed = false
  readonly sent: ClientFrame[] = []

  send(text: string): void {
    const decoded = decodeClientFrame(text)
    if (decoded.kind === 'refused') throw new Error(decoded.message)
    this.sent.push(decoded.frame)
  }

  close(): void {
    this.isClosed = true
  }

  says(frame: ServerFrame): void {
    this.onmessage({ data: JSON.stringify(frame) })
  }

  /** What the client sent last of a type. */
  last<Type extends ClientFrame['type']>(type: Type): Extract<ClientFrame, { type: Type }> | undefined {
    return this.sent.findLast((frame): frame is Extract<ClientFrame, { type: Type }> => frame.type === type)
  }
}

const SEND: ClientFrame = { type: 'send', id: 'm1', session: 's', message: { id: 'm1', role: 'user', content: 'Hello' } }
const MARK = 'AbCdEfGhI'

/** A client that follows a session, with the sockets that it dials. */
function following() {
  const sockets: FakeSocket[] = []
  const shown: Transcript[] = []
  const gaveUp: unknown[] = []
  const client = follow('s', {
    dial: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    hello: () => ({ type: 'hello', token: 'secret', client: { name: 'test', version: '1' } }),
    fold: applyEvents,
    show: (transcript) => shown.push(transcript),
    giveUp: (why) => gaveUp.push(why),
    outbox: new Map(),
  })
  const socket = () => sockets.at(-1) ?? expect.fail('nothing was dialled')

  /** Opens the newest socket, up to the attach. */
  function welcomed(): FakeSocket {
    const open = socket()
    open.onopen()
    open.says({
      type: 'welcome',
      node: 'n',
      principal: 'p',
      pingMs: 15_000,
      limits: { frameBytes: 1, messageBytes: 1, queueBytes: 1, commandsPerMinute: 1, sessionsPerLink: 1 },
      durability: 'disk',
    })
    return open
  }

  /** The same, attached with an empty snapshot. */
  function attached(): FakeSocket {
    const open = welcomed()
    const snapshot = { cursor: `${MARK}0.0`, more: false, transcript: EMPTY_TRANSCRIPT }
    open.says({ type: 'attached', id: attachOf(open).id, session: 's', head: 0, resumed: false, reason: 'no_cursor', snapshot })
    return open
  }

  return { client, sockets, shown, gaveUp, welcomed, attached, values: () => Object.values(shown.at(-1)?.custom ?? {}) }
}

function attachOf(socket: FakeSocket) {
  return socket.last('attach') ?? expect.fail('nothing was attached')
}

/** A batch of one event a seq, which sets a value of that number. */
function batch(from: number, to = from): ServerFrame {
  const events = Array.from({ length: to - from + 1 }, (_, index) => ({ type: 'CUSTOM' as const, name: 'n', value: from + index }))
  return { type: 'batch', session: 's', from, to, mark: `${MARK}${to % 10}`, at: 1, events }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('it has no more than 40 lines', () => {
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
})

describe('the client of the page', () => {
  test('says hello, then attaches, without a cursor where it has none', () => {
    const socket = following().welcomed()
    expect(socket.sent.map(({ type }) => type)).toEqual(['hello', 'attach'])
    expect(attachOf(socket)).not.toHaveProperty('cursor')
  })

  test('applies what follows, and drops what it has', () => {
    const { attached, shown, values } = following()
    const socket = attached()
    for (const frame of [batch(1), batch(2, 3), batch(1), batch(2, 3), batch(3)]) socket.says(frame)
    expect(values()).toEqual([3])
    expect(shown).toHaveLength(3)
    expect(socket.isClosed).toBe(false)
  })

  test('dials again after a lost link, and goes on from its cursor', () => {
    const { attached, welcomed, sockets, values } = following()
    const first = attached()
    first.says(batch(1, 2))
    first.onclose({ code: 1006 })
    vi.advanceTimersByTime(500)
    const second = welcomed()
    expect(attachOf(second).cursor).toBe(`${MARK}2.2`)
    second.says({ type: 'attached', id: attachOf(second).id, session: 's', head: 3, resumed: true })
    second.says(batch(3))
    expect(values()).toEqual([3])
    expect(sockets).toHaveLength(2)
  })

  test('takes nothing of a link that it let go of', () => {
    const { attached, shown, sockets } = following()
    const socket = attached()
    socket.onclose({ code: 4001 })
    vi.advanceTimersByTime(500)
    attached()
    const before = shown.length
    socket.says(batch(1))
    socket.onclose({ code: 4500 })
    vi.advanceTimersByTime(500)
    expect(shown).toHaveLength(before)
    expect(sockets).toHaveLength(2)
  })

  test('takes no batch before its attach is answered, and no answer to an older one', () => {
    const { attached, welcomed, shown } = following()
    attached().onclose({ code: 1006 })
    vi.advanceTimersByTime(500)
    const before = shown.length
    const socket = welcomed()
    socket.says(batch(1))
    socket.says({ type: 'attached', id: 'older', session: 's', head: 1, resumed: true })
    expect(shown).toHaveLength(before)
    expect(socket.isClosed).toBe(false)
  })

  test.each<[string, ServerFrame]>([
    ['a batch that does not follow', batch(3)],
    ['a batch that begins before the cursor and ends behind it', batch(1, 2)],
    ['a ping that says more was sent', { type: 'ping', n: 1, sent: { s: 2 } }],
  ])('repairs %s by another link, from its cursor', (_what, frame) => {
    const { attached, welcomed } = following()
    const socket = attached()
    socket.says(batch(1))
    socket.says(frame)
    expect(socket.isClosed).toBe(true)
    vi.advanceTimersByTime(1000)
    expect(attachOf(welcomed()).cursor).toBe(`${MARK}1.1`)
  })

  test('the second fault at one cursor attaches without it, the third is the last', () => {
    const { attached, welcomed, sockets, gaveUp } = following()
    attached().says(batch(2))
    vi.advanceTimersByTime(20_000)
    const second = welcomed()
    expect(attachOf(second).cursor).toBe(`${MARK}0.0`)
    second.onmessage({ data: '{"type":' })
    vi.advanceTimersByTime(20_000)
    const third = attached()
    expect(attachOf(third)).not.toHaveProperty('cursor')
    third.says(batch(2))
    vi.advanceTimersByTime(60_000)
    expect(gaveUp).toEqual([4500])
    expect(sockets).toHaveLength(3)
  })

  test('answers pings; one that says no more than it has is fine', () => {
    const socket = following().attached()
    socket.says({ type: 'ping', n: 7, sent: { s: 0, other: 9 } })
    expect(socket.last('pong')).toEqual({ type: 'pong', n: 7 })
    expect(socket.isClosed).toBe(false)
  })

  test('sends a command once it is attached, and again after every attach, until it is settled', () => {
    const { client, welcomed, attached } = following()
    client.give(SEND)
    expect(welcomed().last('send')).toBeUndefined()
    const first = attached()
    expect(first.last('send')).toEqual(SEND)
    first.onclose({ code: 1006 })
    vi.advanceTimersByTime(500)
    const second = attached()
    expect(second.last('send')).toEqual(SEND)
    second.says({ type: 'accepted', id: 'm1', result: { run: 'r' } })
    second.onclose({ code: 1006 })
    vi.advanceTimersByTime(1000)
    expect(attached().last('send')).toBeUndefined()
  })

  test('sends a command that is refused for now again later, and one that is refused for good no more', () => {
    const { client, attached } = following()
    const socket = attached()
    client.give(SEND)
    socket.says({ type: 'refused', id: 'm1', code: 'rate_limited', message: 'later', retryMs: 300 })
    vi.advanceTimersByTime(300)
    expect(socket.sent.filter(({ type }) => type === 'send')).toHaveLength(2)
    socket.says({ type: 'refused', id: 'm1', code: 'busy', message: 'no' })
    socket.says({ type: 'refused', id: attachOf(socket).id, code: 'unavailable', message: 'later', retryMs: 300 })
    vi.advanceTimersByTime(300)
    expect(socket.sent.filter(({ type }) => type === 'attach')).toHaveLength(2)
    expect(socket.sent.filter(({ type }) => type === 'send')).toHaveLength(2)
  })

  test.each<[string, (socket: FakeSocket) => void, unknown]>([
    ['a final close', (socket) => socket.onclose({ code: 4501 }), 4501],
    ['the end of its watch', (socket) => socket.says({ type: 'detached', session: 's', reason: 'deleted' }), 'deleted'],
    [
      'the refusal of its attach',
      (socket) => socket.says({ type: 'refused', id: attachOf(socket).id, code: 'session_not_found', message: 'no' }),
      'session_not_found',
    ],
  ])('gives up at %s', (_what, happens, why) => {
    const { welcomed, gaveUp, sockets } = following()
    happens(welcomed())
    vi.advanceTimersByTime(60_000)
    expect(gaveUp).toEqual([why])
    expect(sockets).toHaveLength(1)
  })
})
