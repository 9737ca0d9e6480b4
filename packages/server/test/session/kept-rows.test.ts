import type { SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { hosting, until } from './hosting.ts'

const MIB = 1024 * 1024
const HOUR_MS = 60 * 60 * 1000

/** An event of a quarter of a mebibyte, of which the transcript keeps the last. */
const large = { name: 'app/large', value: 'x'.repeat(MIB / 4 - 100) }
const largeEvent: SessionEvent = { type: 'CUSTOM', ...large }

async function hostingWith(timers = manualTimers()) {
  const store = createMemoryStore({ now: timers.now })
  const hosted = await hosting({ timers, store })
  const appendMany = async (count: number) => {
    for (let n = 0; n < count; n += 1) await hosted.host.append(hosted.session, large)
    await turn()
  }
  return { ...hosted, timers, appendMany }
}

const boundsOf = async (store: Store, session: string) => {
  const bounds = await store.bounds(session)
  if (bounds === undefined) throw new Error('there is no such journal')
  return bounds
}

describe('the rows of a journal', () => {
  test('are kept for an hour, however many', async () => {
    const { store, session, send, led, status } = await hostingWith()
    for (let runs = 1; runs <= 3; runs += 1) {
      await send('hi')
      const run = await led.call(runs)
      for (let n = 0; n < 16; n += 1) run.say(largeEvent)
      run.end()
      await until(status, (now) => now === 'idle')
    }
    await turn()
    const { bytes, folded } = await boundsOf(store, session)
    expect(bytes).toBeGreaterThan(11 * MIB)
    expect(folded).toBe(0)
  })

  test('beyond 8 MiB go when they are older, and who stood there gets a snapshot', async () => {
    const { host, store, session, timers, appendMany, attach } = await hostingWith()
    await host.append(session, { name: 'app/first', value: 1 })
    const { snapshot } = await host.read('alice', session)
    await appendMany(48)
    timers.jump(2 * HOUR_MS)
    await appendMany(8)
    const { bytes, folded } = await boundsOf(store, session)
    expect(folded).toBeGreaterThan(1)
    expect(bytes).toBeLessThan(10 * MIB)
    expect(bytes).toBeGreaterThan(7 * MIB)
    const viewer = await attach(snapshot.cursor)
    expect(viewer.attached()).toMatchObject([{ resumed: false, reason: 'cursor_too_old' }])
    expect(viewer.transcript().custom).toMatchObject({ 'app/first': 1 })
  })

  test('go also when they are younger where one run has more: an agent that talks for ever must not fill the disk', async () => {
    const { store, session, send, led } = await hostingWith()
    await send('hi')
    const run = await led.call(1)
    for (let n = 0; n < 48; n += 1) run.say(largeEvent)
    run.end()
    await until(
      () => boundsOf(store, session),
      ({ folded }) => folded > 0,
    )
  })
})

test('a snapshot is stored also in the middle of a run, so that a cold attach never folds more than the rest', async () => {
  const { store, session, send, led } = await hostingWith()
  await send('hi')
  const run = await led.call(1)
  for (let n = 0; n < 6; n += 1) run.say(largeEvent)
  const snapshot = await until(
    () => store.snapshot(session),
    (stored) => stored !== undefined,
  )
  expect(snapshot?.seq).toBeGreaterThan(3)
})
