import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { openSocket, type SocketConstructor } from '../../src/connection/open-socket.ts'
import { connect } from '../../src/index.ts'

const server = new WebSocketServer({ port: 0 })
let url = ''

beforeAll(async () => {
  if (server.address() === null) await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

test('in Node a socket is one of `ws`, and asks for the protocol by its version', async () => {
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const socket = openSocket(url, undefined)
  const [other] = await accepted
  expect(other.protocol).toBe('throughline.1')
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.close()
  await once(other, 'close')
})

test('a class that is given is used', () => {
  const made: unknown[] = []
  function Given(...args: unknown[]): void {
    made.push(args)
  }
  expect(openSocket('ws://x', Given as unknown as SocketConstructor)).toBeInstanceOf(Given)
  expect(made).toEqual([['ws://x', ['throughline.1']]])
})

test('the class of `ws` may be given as it is', async () => {
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const socket = openSocket(url, WebSocket)
  const [other] = await accepted
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.close()
  await once(other, 'close')
})

test('a client needs no options to reach a server from Node', async () => {
  const accepted = once(server, 'connection') as Promise<[WebSocket, { url: string }]>
  const client = connect(url)
  client.watch()
  const [socket, { url: path }] = await accepted
  const [hello] = (await once(socket, 'message')) as [Buffer]
  expect(path).toBe('/v1/socket')
  expect(JSON.parse(hello.toString())).toMatchObject({ type: 'hello', client: { name: 'throughline-sdk' } })
  client.close()
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(1000)
})

test('a dial that nobody answers is a state of the client, and no uncaught error', async () => {
  const client = connect('ws://127.0.0.1:1')
  client.watch()
  const state = await new Promise((resolve) => client.on('state', (next) => next.status === 'waiting' && resolve(next)))
  expect(state).toMatchObject({ status: 'waiting', reason: { code: 'unreachable', cause: { code: 'ECONNREFUSED' } } })
  client.close()
})

test('closing while the socket opens throws nothing, then or later', async () => {
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const client = connect(url)
  client.watch()
  await new Promise((resolve) => client.on('state', ({ status }) => status === 'connecting' && setImmediate(resolve)))
  client.close()
  const [socket] = await Promise.race([accepted, new Promise<[undefined]>((resolve) => setTimeout(resolve, 50, [undefined]))])
  socket?.terminate()
})
