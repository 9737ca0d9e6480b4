import { nanoid } from 'nanoid'
import { describe, expect, test } from 'vitest'
import { Audience } from '../../src/journal/audience.ts'
import { Feed } from '../../src/journal/feed.ts'
import { FollowedProjection } from '../../src/journal/followed-projection.ts'
import { Journal } from '../../src/journal/journal.ts'
import { openClaims } from '../../src/session/claims.ts'
import { openWatch, type Watch } from '../../src/session/watch.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { hosting, viewing } from './hosting.ts'

/** A session's journal, of which only the last batch is in memory, and what watches need of it. */
async function journaling() {
  const store = createMemoryStore()
  const timers = manualTimers()
  await store.create({ id: 's1', owner: 'ann', birth: 'birthmark-', createdAt: 0 })
  const lease = await store.lease('s1', 'node', 60_000)
  const bounds = await store.bounds('s1')
  if (lease === undefined || bounds === undefined) throw new Error('the store gave no lease')
  const audience = new Audience(timers)
  const journal: Journal = new Journal({
    store,
    session: 's1',
    fence: lease.fence,
    bounds,
    timers,
    tail: { events: 1, bytes: 1_000_000 },
    onStored: (batch, events) => {
      projection.apply(batch, events)
      audience.wake()
    },
    onFailed: () => undefined,
  })
  const projection = new FollowedProjection({
    store,
    session: 's1',
    birth: 'birthmark-',
    journal: () => journal,
    timers,
    onTrouble: (error) => expect.fail(String(error)),
  })
  const snapshot = async () => (await projection.get()).snapshot()
  const feed = new Feed({ journal, store, session: 's1', timers })
  const sources = { store, session: 's1', journal, feed, audience, snapshot, watches: new Set<Watch>(), claims: openClaims() }
  return {
    sources,
    note: (value: number) => journal.append([{ type: 'CUSTOM', name: 'note', value }]),
    async fold(seq: number) {
      await projection.save()
      await journal.fold(seq)
    },
  }
}

test('a viewer without room whose rows were folded away is told so by a further answer to its attach', async () => {
  const { sources, note, fold } = await journaling()
  const viewer = viewing()
  let room = true
  const waiters: (() => void)[] = []
  const link = { ...viewer.link, hasRoom: () => room, whenRoom: (callback: () => void) => void waiters.push(callback) }
  const watch = await openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, link, sources)
  room = false
  for (const value of [1, 2, 3]) await note(value)
  await fold(2)
  room = true
  for (const waiter of waiters.splice(0)) waiter()
  await turn()
  expect(viewer.attached().map((frame) => !frame.resumed && frame.reason)).toEqual(['no_cursor', 'cursor_too_old'])
  expect(viewer.frames.at(-1)).toMatchObject({ type: 'attached', id: 'a1', snapshot: { transcript: { custom: { note: 3 } } } })
  await note(4)
  expect(viewer.frames.at(-1)).toMatchObject({ type: 'batch', from: 4, to: 4 })
  expect(watch.sent()).toBe(4)
})

describe('a viewer with a claim to be the only one', () => {
  async function claiming() {
    const hosted = await hosting()
    return {
      ...hosted,
      async attach(exclusive?: string) {
        const viewer = viewing()
        const frame = { type: 'attach', id: nanoid(), session: hosted.session, ...(exclusive !== undefined && { exclusive }) } as const
        const watch = await hosted.host.attach('alice', frame, viewer.link)
        return { ...viewer, watch, id: frame.id, heard: () => viewer.frames.map(({ type }) => type) }
      },
    }
  }

  test('ends all others of its principal, those without a claim, too', async () => {
    const { attach, session } = await claiming()
    const [plain, former] = [await attach(), await attach('one')]
    expect(plain.frames.at(-1)).toEqual({ type: 'detached', id: plain.id, session, reason: 'superseded' })
    const newest = await attach('two')
    expect(former.frames.at(-1)).toEqual({ type: 'detached', id: former.id, session, reason: 'superseded' })
    expect([plain, former, newest].map(({ watch }) => watch.isOpen())).toEqual([false, false, true])
  })

  test('follows the session alone', async () => {
    const { attach, host, session } = await claiming()
    const former = await attach('one')
    const newest = await attach('two')
    await host.append(session, { name: 'note', value: 1 })
    expect(former.heard()).toEqual(['attached', 'detached'])
    expect(newest.heard()).toEqual(['attached', 'batch'])
  })

  test('comes back with it, and ends nobody who came later without one', async () => {
    const { attach } = await claiming()
    const first = await attach('one')
    const plain = await attach()
    first.watch.close()
    const again = await attach('one')
    expect(again.heard()).toEqual(['attached'])
    expect(plain.heard()).toEqual(['attached'])
  })

  test('that another has followed is superseded at once, and ends nobody', async () => {
    const { attach, session } = await claiming()
    await attach('one')
    const newest = await attach('two')
    const late = await attach('one')
    expect(late.frames).toEqual([{ type: 'detached', id: late.id, session, reason: 'superseded' }])
    expect(late.watch.isOpen()).toBe(false)
    expect(newest.heard()).toEqual(['attached'])
  })

  test('takes the session back by a fresh one', async () => {
    const { attach } = await claiming()
    await attach('one')
    const second = await attach('two')
    const back = await attach('three')
    expect(second.heard()).toEqual(['attached', 'detached'])
    expect(back.heard()).toEqual(['attached'])
  })

  test('leaves the viewers of its other sessions alone', async () => {
    const { attach, host } = await claiming()
    const { session } = await host.create('alice', { key: 'two' })
    const other = viewing()
    await host.attach('alice', { type: 'attach', id: 'b1', session: session.id }, other.link)
    await attach('one')
    expect(other.frames.map(({ type }) => type)).toEqual(['attached'])
  })

  test('is known as superseded also after its session left memory', async () => {
    const timers = manualTimers()
    const { host, session } = await hosting({ timers })
    const attach = async (exclusive: string) => {
      const viewer = viewing()
      const watch = await host.attach('alice', { type: 'attach', id: 'a', session, exclusive }, viewer.link)
      watch.close()
      return viewer.frames.map(({ type }) => type)
    }
    await attach('one')
    await attach('two')
    await timers.advance(60_000)
    expect(await attach('one')).toEqual(['detached'])
  })

  test('is forgotten with its session', async () => {
    const { host, session } = await hosting({ newId: () => 'same' })
    const attach = async (exclusive: string) => {
      const viewer = viewing()
      await host.attach('alice', { type: 'attach', id: 'a', session, exclusive }, viewer.link)
      return viewer.frames.map(({ type }) => type)
    }
    await attach('one')
    await attach('two')
    await host.delete('alice', session)
    expect((await host.create('alice', {})).session.id).toBe(session)
    expect(await attach('one')).toEqual(['attached'])
  })
})

test('the claim of another principal ends nobody', async () => {
  const { sources } = await journaling()
  const [ann, bob] = [viewing(), viewing()]
  await openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, ann.link, sources)
  await openWatch('bob', { type: 'attach', id: 'b1', session: 's1', exclusive: 'one' }, bob.link, sources)
  expect([ann, bob].map(({ frames }) => frames.map(({ type }) => type))).toEqual([['attached'], ['attached']])
})
