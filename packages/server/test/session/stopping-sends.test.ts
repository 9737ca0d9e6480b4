import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/contract.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { heldStore } from './altered-store.ts'
import { hosting, ledAgent, until } from './hosting.ts'

/** A session whose agent does not care for being stopped: its runs end 10 s after that. */
async function stubborn(store: Store = createMemoryStore()) {
  const timers = manualTimers()
  const agent: Agent = {
    name: 'stubborn',
    async *run() {
      await new Promise(() => {})
    },
  }
  const hosted = await hosting({ timers, store, agents: [agent] })
  await hosted.send('one')
  const users = async () => {
    const { transcript } = (await hosted.host.read('alice', hosted.session)).snapshot
    return transcript.messages.filter(({ role }) => role === 'user').map(({ id }) => id)
  }
  const edit = (of: string) => hosted.send('edited', { replaces: of, whenBusy: 'interrupt' })
  const running = async () => (await hosted.host.read('alice', hosted.session)).snapshot.transcript.runs.at(-1)?.id
  return { ...hosted, timers, users, edit, running }
}

describe('a send that stops a run first', () => {
  test('starts when that is over, before what was sent after it', async () => {
    const { edit, send, timers, users } = await stubborn()
    const edited = edit('m1')
    expect(await send('three')).toEqual({ queued: 1 })
    await timers.advance(10_000)
    expect(await edited).toMatchObject({ run: expect.any(String) })
    expect(await users()).toEqual(['m2'])
  })

  test('goes before what was sent after it also where the run ends before its stop is stored', async () => {
    const { store, hold, open } = heldStore('append')
    const { agent, call } = ledAgent()
    const { host, session, send } = await hosting({ store, agents: [agent] })
    await send('one')
    await call(1)
    hold()
    const edited = send('edited', { replaces: 'm1', whenBusy: 'interrupt' })
    // The agent ends as soon as it is told to.
    for (let index = 0; index < 10; index++) await turn()
    const later = send('three')
    await turn()
    open()
    expect(await later).toEqual({ queued: 1 })
    await edited
    ;(await call(2)).end()
    await call(3)
    const { transcript } = (await host.read('alice', session)).snapshot
    expect(transcript.messages.filter(({ role }) => role === 'user').map(({ id }) => id)).toEqual(['m2', 'm3'])
  })

  test('stops also the run of one that was before it', async () => {
    const { edit, send, command, timers, running, users, status } = await stubborn()
    await command({ type: 'stop', run: await running() })
    await timers.advance(10_000)
    await until(status, (now) => now === 'idle')
    await send('two')
    const first = edit('m2')
    await turn()
    const second = edit('m1')
    await timers.advance(10_000)
    await first
    expect(await users()).toEqual(['m1', 'm3'])
    await turn()
    await timers.advance(10_000)
    await second
    expect(await users()).toEqual(['m4'])
  })

  test('is taken back by a stop that names it, and never starts', async () => {
    const { edit, command, timers, users, status } = await stubborn()
    const edited = edit('m1')
    await turn()
    expect(await command({ type: 'stop', message: 'm2' })).toEqual({ stopped: true })
    const refused = expect(edited).rejects.toMatchObject({ code: 'busy' })
    await timers.advance(10_000)
    await refused
    await until(status, (now) => now === 'idle')
    expect(await users()).toEqual(['m1'])
  })

  test('is taken back by a stop of everything that waits', async () => {
    const { edit, command, timers, running, users, status } = await stubborn()
    const edited = edit('m1')
    await turn()
    await command({ type: 'stop', run: await running(), queue: true })
    const refused = expect(edited).rejects.toMatchObject({ code: 'busy' })
    await timers.advance(10_000)
    await refused
    await until(status, (now) => now === 'idle')
    expect(await users()).toEqual(['m1'])
  })

  test('goes on after a stop that names only the run', async () => {
    const { edit, command, timers, running, users } = await stubborn()
    const edited = edit('m1')
    await turn()
    expect(await command({ type: 'stop', run: await running() })).toEqual({ stopped: false, reason: 'not_running' })
    await timers.advance(10_000)
    await edited
    expect(await users()).toEqual(['m2'])
  })

  test('is taken back by closing the session, and answered', async () => {
    const { edit, host, session, timers, users, status } = await stubborn()
    const refused = expect(edit('m1')).rejects.toMatchObject({ code: 'busy' })
    await turn()
    await host.update('alice', session, { open: false })
    await timers.advance(10_000)
    await refused
    await until(status, (now) => now === 'idle')
    expect(await users()).toEqual(['m1'])
  })

  test('is taken back by the app’s stop, one that waits behind another, too', async () => {
    const { edit, host, session, timers, users, status } = await stubborn()
    const edits = [edit('m1'), edit('m1')].map((edited) => expect(edited).rejects.toMatchObject({ code: 'busy' }))
    await turn()
    expect(await host.stop(session)).toEqual({ stopped: true })
    await timers.advance(10_000)
    await Promise.all(edits)
    await until(status, (now) => now === 'idle')
    expect(await users()).toEqual(['m1'])
  })

  test('is not taken back any more once it has started, be that not stored yet', async () => {
    const { store, hold, open } = heldStore('append')
    const { edit, command, timers, running, users } = await stubborn(store)
    const run = await running()
    const edited = edit('m1')
    await turn()
    hold()
    await timers.advance(10_000)
    const stopped = command({ type: 'stop', run, queue: true })
    await turn()
    open()
    expect(await stopped).toEqual({ stopped: false, reason: 'not_running' })
    expect(await edited).toMatchObject({ run: expect.any(String) })
    expect(await users()).toEqual(['m2'])
  })
})
