import { expect, test } from 'vitest'
import { openLink, type LinkOptions } from '../../src/connection/link.ts'
import type { Loss } from '../../src/connection/judge-loss.ts'
import type { SocketEvent } from '../../src/connection/open-socket.ts'
import { encodeFrame, type ServerFrame } from '../../src/protocol/index.ts'
import { socketPair, testClock } from '../../src/testing/index.ts'
import { batch, welcome } from '../stage.ts'

function dial(options: Partial<LinkOptions> = {}) {
  const { client: socket, server, wire } = socketPair()
  const clock = testClock()
  const frames: string[] = []
  const heard: string[] = []
  const losses: Loss[] = []
  server.on('message', (data: Buffer) => heard.push(data.toString()))
  const link = openLink({
    socket,
    hello: { type: 'hello', token: 't', client: { name: 'app', version: '1' } },
    clock,
    isAttaching: () => false,
    onFrame: (decoded) => frames.push(decoded.kind === 'frame' ? decoded.frame.type : decoded.kind),
    onProbe: () => {},
    onClosed: (loss) => losses.push(loss),
    ...options,
  })
  const says = (...said: ServerFrame[]) => {
    for (const frame of said) server.send(encodeFrame(frame))
    return clock.settle()
  }
  return { link, clock, server, wire, frames, heard, losses, says }
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
    onProbe: () => {},
    onClosed: (loss) => losses.push(loss),
  })
  const error = new Error('ECONNREFUSED')
  listeners['error']?.({ error })
  listeners['close']?.({ code: 1006, reason: '' })
  expect(losses).toEqual([{ code: 1006, reason: '', cause: error }])
})
