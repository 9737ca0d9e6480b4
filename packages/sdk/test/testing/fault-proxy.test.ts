import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { faultProxy } from '../../src/testing/fault-proxy.ts'
import { faultStage, HANDSHAKE } from './fault-proxy-stage.ts'

describe('a proxy without a fault', () => {
  test('passes requests and sockets on, both ways, however large their frames are', async () => {
    const { proxy, heard, serverSocket, dial } = await faultStage()
    expect(await (await fetch(proxy.url)).text()).toBe('ok')
    const { socket, told } = await dial()
    for (const length of [0, 125, 126, 65_535, 65_536, 3_000_000]) {
      socket.send('c'.repeat(length))
      serverSocket().send('s'.repeat(length))
      await vi.waitFor(() => {
        expect(heard.at(-1)).toHaveLength(length)
        expect(told.at(-1)).toHaveLength(length)
      })
    }
    socket.close(4001)
    await vi.waitFor(() => expect(heard.at(-1)).toBe('close 4001'))
    await vi.waitFor(() => expect(told.at(-1)).toBe('close 4001'))
  })

  test('passes an answer on as it comes', async () => {
    const { proxy } = await faultStage((_, response) => void response.write('first'))
    const body = (await fetch(proxy.url)).body?.getReader()
    expect(new TextDecoder().decode((await body?.read())?.value)).toBe('first')
  })

  test('resets a client whose server cannot be reached', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    const proxy = await faultProxy({ target: `http://127.0.0.1:${port}` })
    await expect(fetch(proxy.url)).rejects.toThrow('fetch failed')
    await proxy.close()
  })

  test('says what it cannot lead to', async () => {
    await expect(faultProxy({ target: 'https://example.com' })).rejects.toThrow('without TLS')
  })

  test('tells the client of a reset by the server', async () => {
    const { serverSocket, bare } = await faultStage()
    const { socket, text, ends } = bare()
    socket.write(HANDSHAKE)
    await vi.waitFor(() => expect(text()).toContain('hello'))
    ;(serverSocket() as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy()
    await vi.waitFor(() => expect(ends).toEqual(['error ECONNRESET', 'close']))
  })

  test('closes with everything that is open', async () => {
    const { proxy, dial } = await faultStage()
    const { told } = await dial()
    await proxy.close()
    await vi.waitFor(() => expect(told.at(-1)).toBe('close 1006'))
    await expect(fetch(proxy.url)).rejects.toThrow('fetch failed')
  })
})

describe('a cut', () => {
  test('resets both ends at once, and new connections come up', async () => {
    const { proxy, heard, dial, bare } = await faultStage()
    const { told } = await dial()
    const { socket, ends } = bare()
    await once(socket, 'connect')
    await vi.waitFor(() => expect(proxy.connections).toBe(2))
    expect(proxy.cut()).toBe(2)
    await vi.waitFor(() => expect(told.at(-1)).toBe('close 1006'))
    await vi.waitFor(() => expect(heard.at(-1)).toBe('close 1006'))
    await vi.waitFor(() => expect(ends).toEqual(['error ECONNRESET', 'close']))
    expect(proxy.connections).toBe(0)
    await dial()
  })

  test('in mid-frame lets the first half of the frame that was meant arrive, and then resets', async () => {
    const { proxy, serverSocket, bare } = await faultStage()
    const { socket, text, ends } = bare()
    socket.write(HANDSHAKE)
    await vi.waitFor(() => expect(text()).toContain('hello'))
    const cut = proxy.cutMidFrame('"b"')
    serverSocket().send('"a"')
    serverSocket().send(`"b" ${'x'.repeat(94)}`)
    await cut
    serverSocket().send('"c"')
    await vi.waitFor(() => expect(ends).toEqual(['error ECONNRESET', 'close']))
    expect(text()).toContain('"a"')
    expect(text()).not.toContain('"c"')
    // Of 2 bytes of header and 98 of payload one half.
    expect(text().slice(text().indexOf('"b"'))).toBe(`"b" ${'x'.repeat(44)}`)
  })

  test('a hang-up ends both in good order, without a WebSocket close', async () => {
    const { proxy, heard, serverSocket, bare } = await faultStage()
    const { socket, text, ends } = bare()
    socket.write(HANDSHAKE)
    await vi.waitFor(() => expect(text()).toContain('hello'))
    proxy.hangUp()
    await vi.waitFor(() => expect(ends).toEqual(['end']))
    await vi.waitFor(() => expect(heard).toEqual(['close 1006']))
    serverSocket().send('"late"')
    socket.end()
    await vi.waitFor(() => expect(ends).toEqual(['end', 'close']))
    expect(text()).not.toContain('late')
  })

  test('half of a close tells one end alone', async () => {
    const { proxy, heard, bare } = await faultStage()
    const { socket, text, ends } = bare()
    socket.write(HANDSHAKE)
    await vi.waitFor(() => expect(text()).toContain('hello'))
    proxy.halfClose('toClient')
    await vi.waitFor(() => expect(ends).toEqual(['end']))
    expect(heard).toEqual([])
    // A masked text frame “hi”, with a mask of zeros.
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    await vi.waitFor(() => expect(heard).toEqual(['hi']))
    socket.end()
    await vi.waitFor(() => expect(heard).toEqual(['hi', 'close 1006']))
    await vi.waitFor(() => expect(ends).toEqual(['end', 'close']))
  })

  test('half of a close tells the other end alone where that is asked', async () => {
    const { proxy, heard, bare } = await faultStage()
    const { socket, text, ends } = bare()
    socket.write(HANDSHAKE)
    await vi.waitFor(() => expect(text()).toContain('hello'))
    proxy.halfClose('toServer')
    await vi.waitFor(() => expect(heard).toEqual(['close 1006']))
    // The server ends its own way then.
    await vi.waitFor(() => expect(ends).toEqual(['end']))
  })
})

describe('silence', () => {
  test('a black hole lets nothing pass and tells nobody, new connections included, until it heals', async () => {
    const { proxy, heard, serverSocket, dial, dialling } = await faultStage()
    const { socket, told } = await dial()
    proxy.blackHole()
    socket.send('up')
    serverSocket().send('down')
    serverSocket().terminate()
    const fresh = dialling()
    const request = fetch(proxy.url)
    await expect(Promise.race([request, quiet()])).resolves.toBe('quiet')
    expect([told, heard, fresh.told]).toEqual([['{"hello":1}'], ['close 1006'], []])
    expect([socket.readyState, fresh.socket.readyState]).toEqual([1, 0])

    proxy.heal()
    expect(await (await request).text()).toBe('ok')
    await vi.waitFor(() => expect(fresh.told).toEqual(['{"hello":1}']))
    await vi.waitFor(() => expect(told).toEqual(['{"hello":1}', 'down', 'close 1006']))
  })

  test('what is stranded stays so, and new connections come up', async () => {
    const { proxy, heard, serverSocket, dial } = await faultStage()
    const { socket, told } = await dial()
    proxy.strand()
    socket.send('up')
    serverSocket().send('down')
    serverSocket().close()
    await dial()
    proxy.heal()
    await expect(quiet()).resolves.toBe('quiet')
    expect([told, heard]).toEqual([['{"hello":1}'], []])
    expect(socket.readyState).toBe(1)
  })

  test('a delay is one either way, and a shorter one lets nothing overtake', async () => {
    const { proxy, serverSocket, dial } = await faultStage()
    const { socket, told } = await dial()
    proxy.delay(60)
    const startedAt = performance.now()
    serverSocket().on('message', () => serverSocket().send('answer'))
    socket.send('question')
    await vi.waitFor(() => expect(told.at(-1)).toBe('answer'), { interval: 1 })
    expect(performance.now() - startedAt).toBeGreaterThan(118)

    serverSocket().send('one')
    await vi.waitFor(() => expect(serverSocket().bufferedAmount).toBe(0))
    await quiet(20)
    proxy.delay(0)
    serverSocket().send('two')
    await vi.waitFor(() => expect(told.slice(2)).toEqual(['one', 'two']))
  })

  test('without pongs everything else still passes', async () => {
    const { proxy, heard, serverSocket, dial } = await faultStage()
    const { socket, told } = await dial()
    proxy.dropPongs()
    serverSocket().ping('p')
    socket.ping('p')
    for (const text of [
      '{"type":"pong","n":1}',
      '{"type":"ping","n":2}',
      ' { "type": "pong" }',
      `{"text":"${'"pong"'.repeat(30_000)}"}`,
      'last',
    ]) {
      socket.send(text)
      serverSocket().send(text)
    }
    await vi.waitFor(() => expect([heard.at(-1), told.at(-1)]).toEqual(['last', 'last']))
    for (const texts of [heard, told.slice(1)])
      expect(texts.map((text) => text.slice(0, 14))).toEqual(['{"type":"ping"', '{"text":""pong', 'last'])
    proxy.heal()
    socket.ping('q')
    serverSocket().ping('q')
    await vi.waitFor(() => expect([heard.at(-1), told.at(-1)]).toEqual(['pong q', 'pong q']))
  })
})

describe('what is answered in the place of the server', () => {
  test('nothing: so many connections are reset as they open', async () => {
    const { proxy, bare, dial } = await faultStage()
    proxy.refuse(2)
    for (const { ends } of [bare(), bare()]) await vi.waitFor(() => expect(ends).toEqual(['error ECONNRESET', 'close']))
    await dial()
  })

  test('a frame that was damaged: it is no JSON any more, arrives all the same, and the ones around it are whole', async () => {
    const { proxy, heard, serverSocket, dial } = await faultStage()
    const { socket, told } = await dial()
    const damaged = proxy.corrupt('b')
    socket.send('{"b":"up"}')
    await vi.waitFor(() => expect(heard).toEqual(['{"b":"up"}']))
    for (const letter of ['a', 'b', 'b']) serverSocket().send(`{"${letter}":"ä"}`)
    await damaged
    await vi.waitFor(() => expect(told.slice(1)).toEqual(['{"a":"ä"}', '["b":"ä"}', '{"b":"ä"}']))
  })

  test('a captive portal’s page, to upgrades too', async () => {
    const { proxy, dial, dialling } = await faultStage()
    const { told } = await dial()
    proxy.answerHtml()
    await vi.waitFor(() => expect(told.at(-1)).toBe('close 1006'))
    const page = await fetch(`${proxy.url}/v1/sessions`, { method: 'POST', body: 'x'.repeat(100_000) })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await page.text()).toMatch(/^<!doctype html>/)
    const { told: refused } = dialling()
    await vi.waitFor(() => expect(refused).toEqual(['error Unexpected server response: 200', 'close 1006']))
    proxy.heal()
    expect(await (await fetch(proxy.url)).text()).toBe('ok')
    await dial()
  })

  test('a page over a connection that is cut as others are', async () => {
    const { proxy, bare } = await faultStage()
    proxy.answerHtml()
    const { socket, ends } = bare()
    await once(socket, 'connect')
    await vi.waitFor(() => expect(proxy.connections).toBe(1))
    proxy.cut()
    await vi.waitFor(() => expect(ends).toEqual(['error ECONNRESET', 'close']))
  })

  test('503 with the time to wait', async () => {
    const { proxy, dialling } = await faultStage()
    proxy.answer503(7)
    const answer = await fetch(proxy.url)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7'])
    const { told } = dialling()
    await vi.waitFor(() => expect(told).toEqual(['error Unexpected server response: 503', 'close 1006']))
    proxy.heal()
    expect((await fetch(proxy.url)).status).toBe(200)
  })

  test('an answer as a whole: one that never ends never arrives, and no upgrade comes through', async () => {
    let end: (() => void) | undefined
    let body = ''
    let isGone = false
    const { proxy, dialling } = await faultStage((request, response) => {
      request.setEncoding('utf8').on('data', (text) => (body += text))
      response.on('close', () => (isGone = true))
      response.writeHead(201, { 'content-type': 'text/event-stream', 'x-own': request.headers['x-asked'] ?? '' })
      response.write('data: 1\n\n')
      end = () => response.end('data: 2\n\n')
    })
    proxy.bufferResponses()
    const answering = fetch(proxy.url, { method: 'POST', body: 'asked', headers: { 'x-asked': 'so' } })
    await expect(Promise.race([answering, quiet()])).resolves.toBe('quiet')
    expect(body).toBe('asked')
    end?.()
    const answer = await answering
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-own')]).toEqual([201, 'text/event-stream', 'so'])
    expect(await answer.text()).toBe('data: 1\n\ndata: 2\n\n')

    const leaving = new AbortController()
    isGone = false
    const left = fetch(proxy.url, { method: 'POST', body: 'asked', signal: leaving.signal })
    await vi.waitFor(() => expect(body).toBe('askedasked'))
    leaving.abort()
    await expect(left).rejects.toThrow('aborted')
    await vi.waitFor(() => expect(isGone).toBe(true))

    const { told } = dialling()
    await vi.waitFor(() => expect(end).toBeDefined())
    await vi.waitFor(() => {
      end?.()
      expect(told).toEqual(['error Unexpected server response: 201', 'close 1006'])
    })
  })
})

/** Long enough for anything on this machine to arrive, were it to come at all. */
function quiet(ms = 80): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, ms, 'quiet'))
}
