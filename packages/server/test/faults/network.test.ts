import { describe, expect, test, vi } from 'vitest'
import { until } from '../until.ts'
import type { FastClock } from './fast-clock.ts'
import { clientClock, talkingServer, type TalkingServer } from './talking-server.ts'
import { textOf, watch, type Watcher } from './watcher.ts'

vi.setConfig({ testTimeout: 25_000 })

interface Play extends TalkingServer {
  readonly watcher: Watcher
  readonly clock: FastClock
}

/**
 * In the middle of an answer a fault befalls the network, and a message is sent while it lasts. The fault heals, and the answer must go on
 * by itself; at the end nothing is missing, nothing is there twice, and nobody was alarmed.
 */
async function survives(befall: (play: Play) => Promise<unknown>): Promise<void> {
  const server = await talkingServer()
  const clock = clientClock()
  const watcher = watch(server.proxy.url, server.session, { now: clock.now, timers: clock })
  await watcher.session.send('first')
  await isSaid(watcher, 20)

  const befallen = befall({ ...server, watcher, clock })
  const second = watcher.session.send('second')
  await befallen
  server.proxy.heal()
  const { messages } = (await server.read()).transcript
  await isSaid(watcher, textOf(messages.at(1)?.parts ?? []).length)

  server.enough()
  await second
  const { transcript } = await watcher.isLevelWith(server.read, 3)
  expect(transcript.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  const numbers = watcher.answer().trim().split(' ')
  expect(numbers).toEqual(numbers.map((_, at) => String(at + 1)))
  expect(watcher.alarms).toEqual([])
  expect(watcher.log.filter(({ type }) => ['gap', 'duplicate'].includes(type))).toEqual([])
}

async function isSaid({ answer }: Watcher, length: number): Promise<void> {
  await until(() => expect(answer().length).toBeGreaterThan(length))
}

describe('a run goes on, and its watcher misses nothing and is not alarmed, through', () => {
  test('connections that are reset, one after the other', () =>
    survives(async ({ proxy, watcher }) => {
      for (let cut = 0; cut < 3; cut += 1) {
        const attached = watcher.next('attached', { resumed: true })
        proxy.cut()
        await attached
      }
    }))

  test('a reset in the middle of a frame', () =>
    survives(async ({ proxy, watcher }) => {
      const lost = watcher.next('lost', { code: 1006 })
      await proxy.cutMidFrame('"type":"batch"')
      await lost
    }))

  test('a connection that is ended without a word of WebSocket', () =>
    survives(async ({ proxy, watcher }) => {
      const lost = watcher.next('lost', { code: 1006 })
      proxy.hangUp()
      await lost
    }))

  test.each(['toClient', 'toServer'] as const)('half of a close, %s', (direction) =>
    survives(async ({ proxy, watcher }) => {
      const lost = watcher.next('lost', { code: 1006 })
      proxy.halfClose(direction)
      await lost
    }),
  )

  test('a server that is gone without a word, found by its silence', () =>
    survives(async ({ proxy, watcher, clock }) => {
      const lost = watcher.next('lost', { reason: 'silent' })
      const goneAt = clock.now()
      proxy.blackHole()
      const { at } = await lost
      // 15 s from ping to ping and 10 s of grace; a busy machine comes a little later.
      expect(at - goneAt).toBeGreaterThan(24_000)
      expect(at - goneAt).toBeLessThan(35_000)
    }))

  test('a black hole that closes before anybody noticed it', () =>
    survives(async ({ proxy, watcher, clock }) => {
      proxy.blackHole()
      const { length } = watcher.log
      await new Promise((resolve) => void clock.setTimeout(() => resolve(undefined), 8_000))
      expect(watcher.log.slice(length).filter(({ type }) => type !== 'send')).toEqual([])
    }))

  test('a black hole that also swallows every new connection', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.blackHole()
      watcher.client.wake('visible')
      await watcher.next('lost', { reason: 'unanswered' })
      // A dial is given up after 8 s.
      await watcher.next('lost', { reason: 'silent' })
    }))

  test('a changed address, found by the probe of a wake signal', () =>
    survives(async ({ proxy, watcher, clock }) => {
      proxy.strand()
      const shownAt = clock.now()
      watcher.client.wake('visible')
      await watcher.next('attached', { resumed: true })
      expect(clock.now() - shownAt).toBeLessThan(10_000)
      expect(watcher.log.find(({ type }) => type === 'lost')).toMatchObject({ code: 1000, reason: 'unanswered' })
    }))

  test('connections that are refused', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.refuse(3)
      proxy.cut()
      await watcher.next('attached', { resumed: true })
      expect(watcher.log.filter(({ type }) => type === 'dial').length).toBeGreaterThanOrEqual(5)
    }))

  test('a frame that is damaged on its way', () =>
    survives(async ({ proxy, watcher }) => {
      const lost = watcher.next('lost', { code: 1000, reason: 'the frame is not JSON' })
      await proxy.corrupt('"type":"batch"')
      await lost
      await watcher.next('attached', { resumed: true })
    }))

  test('pongs that do not arrive', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.dropPongs()
      // While it hears something, the client takes no missing pong for a dead link; the server hears nothing else from it.
      watcher.client.wake('focus')
      expect(await watcher.next('lost')).toMatchObject({ code: 4003 })
    }))

  test('a captive portal', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.answerHtml()
      await watcher.next('wait', { attempt: 3 })
      await expect(watcher.client.sessions()).rejects.toMatchObject({ name: 'SessionError', code: 'unreachable' })
      await expect(watcher.client.create()).rejects.toMatchObject({ name: 'SessionError', code: 'unreachable' })
    }))

  test('503 with the time to wait', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.answer503(7)
      await watcher.next('wait', { attempt: 2 })
      await expect(watcher.client.sessions()).rejects.toMatchObject({ name: 'SessionError', code: 'unavailable', retryMs: 7_000 })
    }))

  test('a proxy that passes nothing on before it is complete, and no upgrade', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.bufferResponses()
      await isSaid(watcher, watcher.answer().length + 100)
      await isSaid(watcher, watcher.answer().length + 100)
    }))

  test('a line that takes its time', () =>
    survives(async ({ proxy, watcher }) => {
      proxy.delay(60)
      watcher.client.wake('focus')
      await isSaid(watcher, watcher.answer().length + 100)
      expect(watcher.log.filter(({ type }) => type === 'lost')).toEqual([])
    }))

  test('a clock that is set forward by an hour', () =>
    survives(async ({ watcher, clock }) => {
      clock.set(3_600_000)
      watcher.client.wake('visible')
      await watcher.next('attached', { resumed: true })
    }))

  test('a clock that is set back by an hour while the line dies', () =>
    survives(async ({ proxy, watcher, clock }) => {
      proxy.strand()
      clock.set(-3_600_000)
      await watcher.next('lost', { reason: 'silent' })
    }))

  test('a clock that is set back by an hour while the next dial is waited for', () =>
    survives(async ({ proxy, watcher, clock }) => {
      proxy.refuse()
      proxy.cut()
      await watcher.next('wait', { attempt: 5 })
      clock.set(-3_600_000)
      proxy.heal()
      await watcher.next('attached', { resumed: true })
    }))
})
