import { faultProxy, type FaultProxy } from '@throughline/sdk/testing/fault-proxy'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { numberedText } from '../../src/agent/numbered-text.ts'
import { bundleCommand, type BundledCommand } from '../bundled-command.ts'
import { until } from '../until.ts'
import { fastClock, type FastClock } from './fast-clock.ts'
import { mortalServer, type MortalServer } from './mortal-server.ts'
import { watch, type Watcher } from './watcher.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const TOKENS = 300

describe('a server process that is gone for a while', () => {
  let bundle: BundledCommand
  let server: MortalServer
  let proxy: FaultProxy
  let clock: FastClock
  let watcher: Watcher

  beforeAll(async () => {
    bundle = await bundleCommand()
  })
  afterAll(() => bundle.remove())
  beforeEach(async () => {
    server = await mortalServer(bundle.file, bundle.directory)
    await server.start()
    proxy = await faultProxy({ target: server.url })
    clock = fastClock(10)
    watcher = watch(proxy.url, await server.create(), { now: clock.now, timers: clock })
    await watcher.session.send(`/tokens ${TOKENS} 5`)
    await until(() => expect(watcher.answer().length).toBeGreaterThan(40))
  })
  afterEach(async () => {
    await proxy.close()
    await server.kill('SIGKILL')
  })

  /** Both sides have the same, a message that was sent meanwhile has its answer, and nobody was alarmed. */
  async function isWhole(): Promise<void> {
    const { transcript } = await watcher.isLevelWith(() => server.read(watcher.session.id), 4)
    expect(transcript.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
    expect(numberedText(TOKENS).startsWith(watcher.answer())).toBe(true)
    expect(watcher.alarms).toEqual([])
  }

  test('stopped, so that connections come up and nobody answers: found by a probe, and the answer is whole', async () => {
    await server.kill('SIGSTOP')
    const second = watcher.session.send('/tokens 5 0')
    watcher.client.wake('visible')
    expect(await watcher.next('lost')).toMatchObject({ code: 1000, reason: 'unanswered' })
    // The kernel takes the next connection, and the dial is given up.
    expect(await watcher.next('lost')).toMatchObject({ code: 1000, reason: 'silent' })

    await server.kill('SIGCONT')
    await watcher.next('attached', { resumed: true })
    await second
    await isWhole()
    expect(watcher.answer()).toBe(numberedText(TOKENS))
  })

  test('killed and started again: what was said stays, the run is marked as interrupted, once', async () => {
    const lost = watcher.next('lost', { code: 1006 })
    await server.kill('SIGKILL')
    await lost
    const second = watcher.session.send('/tokens 5 0')
    await watcher.next('wait', { attempt: 3 })

    await server.start()
    await second
    await isWhole()
    const { runs } = (await server.read(watcher.session.id)).transcript
    expect(runs.map(({ state }) => state)).toMatchObject([{ status: 'error', code: 'interrupted' }, { status: 'success' }])
  })

  test('told to go down: it says bye, and nobody comes back before the time that it asked for', async () => {
    const said = watcher.next('bye')
    const dialled = watcher.next('dial')
    await server.kill('SIGTERM')
    const bye = await said
    const second = watcher.session.send('/tokens 5 0')
    await server.start()
    expect((await dialled).at - bye.at).toBeGreaterThanOrEqual(bye.retryMs)
    await second
    await isWhole()
  })
})
