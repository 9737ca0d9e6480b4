import { expect, test } from 'vitest'
import { openLink, type LinkOptions } from '../../src/connection/link.ts'
import type { Loss } from '../../src/connection/judge-loss.ts'
import type { Socket, SocketEvent } from '../../src/connection/open-socket.ts'
import { encodeFrame, type ServerFrame } from '../../src/protocol/index.ts'
import { socketPair, testClock } from '../../src/testing/index.ts'
import { batch, welcome } from '../stage.ts'

function dial(options: Partial<LinkOptions> = {}) {
  const { client: socket, server, wire } = socketPair()
  const clock = testClock()
  const frames: string[] = []
  const heard: string[] = []
  const losses: Loss[] = []
  const opened: boolean[] = []
  server.on('message', (data: Buffer) => heard.push(data.toString()))
  const link = openLink({
    socket,
    hello: { type: 'hello', token: 't', client: { name: 'app', version: '1' } },
    clock,
    isAttaching: () => false,
    onFrame: (decoded) => frames.push(decoded.kind === 'frame' ? decoded.frame.type : decoded.kind),
    log: () => undefined,
    onDoubt: () => {},
    onTrust: () => {},
    onOpen: () => opened.push(link.isOpen()),
    onClosed: (loss) => losses.push(loss),
    ...options,
  })
  const says = (...said: ServerFrame[]) => {
    for (const frame of said) server.send(encodeFrame(frame))
    return clock.settle()
  }
  return { link, clock, socket, server, wire, frames, heard, losses, opened, says }
}

test('the client says hello first, as soon as the socket is open', async () => {
  const { clock, heard } = dial()
  expect(heard).toEqual([])
  await clock.settle()
  expect(heard).toEqual(['{"type":"hello","token":"t","client":{"name":"app","version":"1"}}'])
})

test('a ping is answered with its number before anybody else sees it', async () => {
  const { clock, heard, says } = dial()
  await clock.settle()
  await says(welcome(), { type: 'ping', n: 7, sent: {} })
  expect(heard.at(-1)).toBe('{"type":"pong","n":7}')
})

test('frames that share a packet with the one that closed the link are ignored', async () => {
  const opened = dial({
    onFrame: (decoded) => {
      opened.frames.push(decoded.kind === 'frame' ? decoded.frame.type : decoded.kind)
      if (opened.frames.length === 2) opened.link.close('gap')
    },
  })
  await opened.clock.settle()
  await opened.says(welcome(), batch('s', 1), batch('s', 2), batch('s', 3))
  expect(opened.frames).toEqual(['welcome', 'batch'])
})

test('a link ends once, whatever ends it first', async () => {
  const { link, clock, wire, losses } = dial()
  await clock.settle()
  link.close('gap')
  link.close('again')
  wire.cut()
  await clock.settle()
  expect(losses).toEqual([{ code: 1000, reason: 'gap', replace: false }])
})

test('what the server closes with is what the loss says', async () => {
  const { clock, server, losses } = dial()
  await clock.settle()
  server.close(4001, 'shutdown')
  await clock.settle()
  expect(losses).toMatchObject([{ code: 4001, reason: 'shutdown' }])
})

test('sending on a link that is closing does nothing', async () => {
  const { link, clock, server, heard } = dial()
  await clock.settle()
  server.close(4001)
  await clock.settle()
  expect(() => link.send({ type: 'watch' })).not.toThrow()
  expect(heard).toHaveLength(1)
})

test('a socket that does not open within 8 s is given up', async () => {
  const { clock, wire, losses } = dial()
  wire.blackHole()
  await clock.advance(7_999)
  expect(losses).toEqual([])
  await clock.advance(1)
  expect(losses).toMatchObject([{ reason: 'silent' }])
})

test('a server that does not answer hello within 8 s is given up', async () => {
  const { clock, losses } = dial()
  await clock.advance(7_999)
  expect(losses).toEqual([])
  await clock.advance(1)
  expect(losses).toMatchObject([{ reason: 'silent' }])
})

test('a link is dead after a missed ping and 10 s more without a frame', async () => {
  const { clock, losses, says } = dial()
  await clock.settle()
  await says(welcome({ pingMs: 3_000 }))
  await clock.advance(12_999)
  expect(losses).toEqual([])
  await clock.advance(1)
  expect(losses).toMatchObject([{ code: 1000, reason: 'silent' }])
})

test('while an attach is unanswered a link may be silent for 30 s, since a snapshot may be on its way', async () => {
  const { clock, losses, says } = dial({ isAttaching: () => true })
  await clock.settle()
  await says(welcome())
  await clock.advance(29_999)
  expect(losses).toEqual([])
  await clock.advance(1)
  expect(losses).toMatchObject([{ reason: 'silent' }])
})

test('a closed link leaves no timer', async () => {
  const { link, clock, says } = dial()
  await clock.settle()
  await says(welcome())
  link.check(false)
  expect(clock.pending).toBeGreaterThan(0)
  link.close('closed')
  expect(clock.pending).toBe(0)
})

test('an error of the socket is the cause of the loss that follows', async () => {
  const listeners: Record<string, (event: SocketEvent) => void> = {}
  const { client } = socketPair()
  const socket = Object.assign(client, {
    addEventListener: (type: string, listener: (event: SocketEvent) => void) => {
      listeners[type] = listener
    },
  })
  const losses: Loss[] = []
  const clock = testClock()
  openLink({
    socket,
    hello: { type: 'hello', client: { name: 'app', version: '1' } },
    clock,
    isAttaching: () => false,
    onFrame: () => {},
    log: () => undefined,
    onDoubt: () => {},
    onTrust: () => {},
    onOpen: () => {},
    onClosed: (loss) => losses.push(loss),
  })
  const error = new Error('ECONNREFUSED')
  listeners['error']?.({ error })
  listeners['close']?.({ code: 1006, reason: '' })
  expect(losses).toEqual([{ code: 1006, reason: '', cause: error, replace: false }])
})

test('what follows hello need not wait for the welcome', async () => {
  const { link, clock, heard, opened } = dial()
  link.send({ type: 'watch' })
  expect(link.isOpen()).toBe(false)
  await clock.settle()
  expect(opened).toEqual([true])
  link.send({ type: 'watch' })
  await clock.settle()
  expect(heard.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(['hello', 'watch'])
})

test('a link that is over is not open', async () => {
  const { link, clock } = dial()
  await clock.settle()
  link.close('gap')
  expect(link.isOpen()).toBe(false)
})

/** A socket that opens, and opens again, when the test says so. */
function reopening(fields: Partial<Socket> = {}) {
  const listeners: Record<string, ((event: SocketEvent) => void)[]> = {}
  const sent: string[] = []
  const tell = (type: string, event: SocketEvent = {}) => listeners[type]?.forEach((listener) => listener(event))
  const socket: Socket = {
    readyState: 1,
    addEventListener: (type, listener) => void (listeners[type] ??= []).push(listener),
    send: (text) => void sent.push((JSON.parse(text) as { type: string }).type),
    close: () => {},
    ...fields,
  }
  return { ...dial({ socket }), socket, sent, tell, says: (frame: ServerFrame) => tell('message', { data: encodeFrame(frame) }) }
}

test('a socket that opens again gets hello again, and is asked for everything again', () => {
  const { tell, sent, says, opened } = reopening()
  tell('open')
  says(welcome())
  tell('open')
  expect(sent).toEqual(['hello', 'hello'])
  expect(opened).toEqual([true, true])
})

test('a socket that opens again has still to show that it lives', async () => {
  const { clock, tell, says, losses } = reopening()
  tell('open')
  says(welcome())
  await clock.advance(24_000)
  tell('open')
  await clock.advance(1_000)
  expect(losses).toMatchObject([{ reason: 'silent' }])
})

test('the welcome of a socket that opened again is the answer to a probe', async () => {
  const { clock, link, tell, says, losses } = reopening()
  tell('open')
  says(welcome())
  link.check(false)
  await clock.advance(1_900)
  says(welcome())
  await clock.advance(10_000)
  expect(losses).toEqual([])
})

test('a socket that opens after we let go of it is left alone', () => {
  const { link, tell, sent, opened } = reopening()
  link.close('closed')
  tell('open')
  expect(sent).toEqual([])
  expect(opened).toEqual([])
})

test('a socket whose answers are held back may be silent for longer', async () => {
  const { clock, tell, says, losses } = reopening({ silenceMs: () => 30_000 })
  tell('open')
  says(welcome())
  await clock.advance(29_999)
  expect(losses).toEqual([])
  await clock.advance(1)
  expect(losses).toMatchObject([{ reason: 'silent' }])
})

test('a dial that is overtaken by the clock while the machine slept is replaced on waking', () => {
  const { clock, link, losses } = reopening()
  clock.sleep(7_999)
  link.check(false)
  expect(losses).toEqual([])
  clock.sleep(1)
  link.check(false)
  expect(losses).toMatchObject([{ reason: 'stale', replace: true }])
})

test('a socket that is closed, though nobody has said so yet, is replaced on waking', () => {
  const fields = { readyState: 1 }
  const { link, tell, says, losses, socket } = reopening()
  Object.defineProperty(socket, 'readyState', { get: () => fields.readyState })
  tell('open')
  says(welcome())
  fields.readyState = 3
  link.check(false)
  expect(losses).toMatchObject([{ reason: 'stale', replace: true }])
})

test('a link whose end is heard of just after waking is replaced at once; any other end waits its turn', async () => {
  const woken = dial()
  await woken.clock.settle()
  await woken.says(welcome())
  woken.link.check(false)
  woken.wire.cut()
  expect(woken.losses).toMatchObject([{ code: 1006, replace: true }])
  const other = dial()
  await other.clock.settle()
  await other.says(welcome())
  other.wire.cut()
  expect(other.losses).toMatchObject([{ code: 1006, replace: false }])
})

test('a socket that is open already gets its hello once', async () => {
  const { clock, sent, opened } = reopening()
  expect(sent).toEqual([])
  await clock.settle()
  expect(sent).toEqual(['hello'])
  expect(opened).toEqual([true])
})

test('a socket that is open already, and is let go of in the same turn, gets none', async () => {
  const { clock, link, sent } = reopening()
  link.close('closed')
  await clock.settle()
  expect(sent).toEqual([])
})
