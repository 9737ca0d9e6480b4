import { expect, test } from 'vitest'
import { connect } from '../../src/index.ts'
import type { ClientFrame, ServerFrame } from '../../src/protocol/index.ts'
import { encodeFrame } from '../../src/protocol/index.ts'
import { testClock, webSocketTo, type PairedSocket } from '../../src/testing/index.ts'
import { snapshot, stagedWake, welcome } from '../stage.ts'
import { stagedHttp } from '../staged-http.ts'

/** Everything that a client can leave behind, counted from outside. */
function place({ hasWebSockets = true } = {}) {
  const clock = testClock()
  const http = stagedHttp()
  const wake = stagedWake()
  const sockets = new Set<PairedSocket>()
  const heard = { attach: 0, detach: 0 }
  const WebSocket = webSocketTo((socket, wire) => {
    if (!hasWebSockets) return wire.cut()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (data: Buffer) => {
      for (const answer of answersTo(JSON.parse(data.toString()) as ClientFrame, heard)) socket.send(encodeFrame(answer))
    })
    return undefined
  })
  const open = () =>
    connect('http://server.test', { WebSocket, fetch: http.fetch, wake, now: clock.now, timers: clock.timers, random: () => 0 })
  const left = () => ({ listeners: wake.listeners.size, timers: clock.pending, sockets: sockets.size, requests: http.open() })
  return { clock, http, open, heard, left }
}

function answersTo(frame: ClientFrame, heard: { attach: number; detach: number }): ServerFrame[] {
  if (frame.type === 'attach' || frame.type === 'detach') heard[frame.type] += 1
  if (frame.type === 'hello') return [welcome({ expiresAt: 2_000_000_000_000 })]
  return frame.type === 'attach' ? [snapshot(frame.id, frame.session, 0)] : []
}

const NOTHING = { listeners: 0, timers: 0, sockets: 0, requests: 0 }

test('1,000 sessions that are attached and detached leave what one client needs, and nothing more', async () => {
  const { clock, open, heard, left } = place()
  const client = open()
  client.session('keep')
  await clock.settle()
  const before = left()
  for (let index = 0; index < 1_000; index += 1) {
    const session = client.session(`s${index % 7}`)
    session.on('change', () => {})
    session.subscribe(() => {})
    if (index % 50 === 0) await clock.settle()
    void session.send('hi').catch(() => {})
    session.detach()
  }
  await clock.settle()
  expect(left()).toEqual(before)
  expect(heard).toEqual({ attach: 1_001, detach: 1_000 })
  client.close()
  await clock.settle()
  expect(left()).toEqual(NOTHING)
})

/** How far a client comes before it is closed. */
const MOMENTS: readonly ((clock: ReturnType<typeof testClock>) => unknown)[] = [
  () => undefined,
  () => Promise.resolve(),
  (clock) => clock.settle(),
  (clock) => clock.advance(1),
  (clock) => clock.advance(4),
]

test.each([
  ['over WebSockets', true],
  ['where there are none', false],
])('100 clients that are opened and closed at any moment leave nothing, %s', async (_, hasWebSockets) => {
  const { clock, open, left } = place({ hasWebSockets })
  for (let index = 0; index < 100; index += 1) {
    const client = open()
    client.on('log', () => {})
    client.session('s')
    client.watch()
    const listed = client.sessions().catch(() => {})
    await MOMENTS[index % MOMENTS.length]?.(clock)
    client.wake('visible')
    client.close()
    await listed
  }
  await clock.settle()
  expect(left()).toEqual(NOTHING)
})
