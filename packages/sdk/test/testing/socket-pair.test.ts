import { expect, test } from 'vitest'
import { socketPair, testClock, webSocketTo } from '../../src/testing/index.ts'

async function opened() {
  const pair = socketPair('ws://x', 'throughline.1')
  const told: string[] = []
  const heard: string[] = []
  pair.client.addEventListener('open', () => told.push('open'))
  pair.client.addEventListener('message', ({ data }) => {
    told.push(String(data))
    queueMicrotask(() => told.push(`microtask after ${String(data)}`))
  })
  pair.client.addEventListener('close', ({ code, reason }) => told.push(`close ${code} ${reason}`))
  pair.server.on('message', (data: { toString(): string }, isBinary: boolean) => heard.push(`${data.toString()} ${isBinary}`))
  pair.server.on('close', (code: number, reason: { toString(): string }) => heard.push(`close ${code} ${reason.toString()}`))
  const { settle } = testClock()
  await settle()
  return { ...pair, told, heard, settle }
}

test('what is sent in one turn arrives in one turn, with no microtask between', async () => {
  const { server, told, settle } = await opened()
  server.send('a')
  server.send(Buffer.from('b'))
  await settle()
  expect(told).toEqual(['open', 'a', 'b', 'microtask after a', 'microtask after b'])
})

test('a server hears as it hears from `ws`', async () => {
  const { client, heard, settle } = await opened()
  client.send('hi')
  client.close(4000, 'bye')
  await settle()
  expect(heard).toEqual(['hi false', 'close 4000 bye'])
})

test('a close arrives after what was sent before it, and both ends see it', async () => {
  const { client, server, told, settle } = await opened()
  server.send('last')
  server.close(4001, 'shutdown')
  await settle()
  expect(told).toEqual(['open', 'last', 'close 4001 shutdown', 'microtask after last'])
  expect([client.readyState, server.readyState]).toEqual([3, 3])
})

test('what is held waits, is counted, and is flushed as one packet', async () => {
  const { server, wire, told, settle } = await opened()
  wire.hold('toClient')
  server.send('ä')
  let isSent = false
  server.send('b', () => (isSent = true))
  await settle()
  expect(told).toEqual(['open'])
  expect(server.bufferedAmount).toBe(3)
  expect(isSent).toBe(false)
  wire.flush('toClient')
  expect(told).toEqual(['open', 'ä', 'b'])
  expect(server.bufferedAmount).toBe(0)
  expect(isSent).toBe(true)
  server.send('c')
  await settle()
  expect(told).not.toContain('c')
  wire.release()
  await settle()
  expect(told).toContain('c')
})

test('a cut is seen by both ends at once', async () => {
  const { wire, told, heard } = await opened()
  wire.cut()
  expect(told).toEqual(['open', 'close 1006 '])
  expect(heard).toEqual(['close 1006 '])
})

test('a black hole swallows everything, and tells nobody', async () => {
  const { client, server, wire, told, heard, settle } = await opened()
  wire.blackHole()
  client.send('a')
  server.send('b')
  server.close()
  wire.flush()
  wire.release()
  await settle()
  expect(told).toEqual(['open'])
  expect(heard).toEqual([])
  expect(client.readyState).toBe(1)
})

test('terminating ends this end at once and the other soon', async () => {
  const { server, told, heard, settle } = await opened()
  server.terminate()
  expect(heard).toEqual(['close 1006 '])
  await settle()
  expect(told).toEqual(['open', 'close 1006 '])
})

test('sending before the socket is open throws, and after it closed does nothing', async () => {
  const { client } = socketPair()
  expect(() => client.send('early')).toThrow('not open')
  const { server, wire } = await opened()
  wire.cut()
  expect(() => server.send('late')).not.toThrow()
})

test('a WebSocket class leads each of its sockets to the server, which may refuse', async () => {
  const { settle } = testClock()
  const requests: string[] = []
  const WebSocket = webSocketTo((server, wire, { url, protocols }) => {
    requests.push(`${url} ${protocols.join()} ${server.protocol}`)
    if (url.endsWith('no')) wire.cut()
  })
  const told: string[] = []
  for (const url of ['ws://yes', 'ws://no']) {
    const socket = new WebSocket(url, ['throughline.1'])
    socket.addEventListener('open', () => told.push(`${url} open`))
    socket.addEventListener('close', ({ code }) => told.push(`${url} close ${code}`))
  }
  await settle()
  expect(requests).toEqual(['ws://yes throughline.1 throughline.1', 'ws://no throughline.1 throughline.1'])
  expect(told).toEqual(['ws://no close 1006', 'ws://yes open'])
})
