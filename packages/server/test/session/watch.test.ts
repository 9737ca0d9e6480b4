import { nanoid } from 'nanoid'
import { describe, expect, test, vi } from 'vitest'
import { Audience } from '../../src/journal/audience.ts'
import { Feed } from '../../src/journal/feed.ts'
import { FollowedProjection } from '../../src/journal/followed-projection.ts'
import { Journal } from '../../src/journal/journal.ts'
import { countArrivals } from '../../src/session/arrival.ts'
import type { ViewerLink } from '../../src/journal/viewer-link.ts'
import { openClaims } from '../../src/session/claims.ts'
import { openWatch, type Watch } from '../../src/session/watch.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { heldStore } from './altered-store.ts'
import { filling } from '../http/filling.ts'
import { hosting, viewing } from './hosting.ts'

const noteArrival = countArrivals()

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
  const feed = new Feed({ journal, store, session: 's1', timers })
  const sources = {
    store,
    session: 's1',
    journal,
    feed,
    audience,
    projection: () => projection.get(),
    watches: new Set<Watch>(),
    claims: openClaims(() => true),
  }
  return {
    sources,
    note: (value: number) => journal.append([{ type: 'CUSTOM', name: 'note', value }]),
    async fold(seq: number) {
      await projection.save()
      await journal.fold(seq)
    },
  }
}

/** A viewer over a link that is full when the test says so. */
function slow() {
  const viewer = viewing()
  const { link: flow, fill, drain } = filling()
  const link: ViewerLink = {
    ...viewer.link,
    hasRoom: () => flow.hasRoom(),
    whenRoom: (callback) => flow.whenRoom(callback),
    keepRoom: () => flow.keepRoom(),
    inTurn: (prepare) => flow.inTurn(prepare),
  }
  return { viewer, link, fill, drain, stop: () => flow.stop() }
}

/** A viewer without room, under whom rows were folded away that it has not been sent. */
async function foldedAway() {
  const { sources, note, fold } = await journaling()
  const { viewer, link, fill, drain } = slow()
  const watch = await openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, link, noteArrival(), sources)
  fill()
  for (const value of [1, 2, 3]) await note(value)
  await fold(2)
  return { sources, note, viewer, fill, drain, watch }
}

test('a viewer without room whose rows were folded away is told so by a further answer to its attach', async () => {
  const { note, viewer, drain, watch } = await foldedAway()
  drain()
  await turn()
  expect(viewer.attached().map((frame) => !frame.resumed && frame.reason)).toEqual(['no_cursor', 'cursor_too_old'])
  expect(viewer.frames.at(-1)).toMatchObject({ type: 'attached', id: 'a1', snapshot: { transcript: { custom: { note: 3 } } } })
  await note(4)
  expect(viewer.frames.at(-1)).toMatchObject({ type: 'batch', from: 4, to: 4 })
  expect(watch.sent()).toBe(4)
})

test('the snapshot that such a viewer is sent waits for room, like every other', async () => {
  const { viewer, fill, drain } = await foldedAway()
  drain()
  // Another session of the link takes the room first.
  fill()
  await turn()
  expect(viewer.attached()).toHaveLength(1)
  drain()
  await turn()
  expect(viewer.attached()).toHaveLength(2)
})

test('for a viewer that left while it waits for room no snapshot is made', async () => {
  const { sources, viewer, fill, drain, watch } = await foldedAway()
  drain()
  fill()
  await turn()
  watch.close()
  const snapshot = vi.spyOn(await sources.projection(), 'snapshot')
  drain()
  await turn()
  expect(viewer.attached()).toHaveLength(1)
  expect(snapshot).not.toHaveBeenCalled()
})

test('a viewer that left while its snapshot was made is sent nothing, and followed by nobody', async () => {
  const { sources, note, fold } = await journaling()
  const { viewer, link, fill, drain } = slow()
  const made = vi.fn()
  const inTurn: ViewerLink['inTurn'] = (prepare) => link.inTurn(async () => prepare().finally(made))
  const frame = { type: 'attach', id: 'a1', session: 's1' } as const
  const watch = await openWatch('ann', frame, { ...link, inTurn }, noteArrival(), sources)
  made.mockImplementation(() => watch.close())
  fill()
  for (const value of [1, 2, 3]) await note(value)
  await fold(2)
  drain()
  await turn()
  expect(made).toHaveBeenCalledTimes(2)
  expect(viewer.attached()).toHaveLength(1)
  expect([sources.watches.size, sources.audience.size]).toEqual([0, 0])
})

test('an answer with a snapshot waits for room', async () => {
  const { sources } = await journaling()
  const { viewer, link, fill, drain } = slow()
  fill()
  const watch = openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, link, noteArrival(), sources)
  await turn()
  expect(viewer.attached()).toHaveLength(0)
  drain()
  expect((await watch).isOpen()).toBe(true)
  expect(viewer.attached()).toHaveLength(1)
})

test('who resumes is answered at once, also where the link has no room', async () => {
  const { sources, note } = await journaling()
  await note(1)
  const { viewer, link, fill } = slow()
  fill()
  void openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, link, noteArrival(), sources)
  const { mark, head } = sources.journal.bounds
  await openWatch('ann', { type: 'attach', id: 'a2', session: 's1', cursor: `${mark}.${head}` }, link, noteArrival(), sources)
  expect(viewer.attached()).toMatchObject([{ id: 'a2', resumed: true }])
})

test('a session that takes long to load holds up no other of its link', async () => {
  const { sources } = await journaling()
  const { viewer, link } = slow()
  const slowSources = { ...sources, session: 's2', projection: () => new Promise<never>(() => undefined) }
  void openWatch('ann', { type: 'attach', id: 'a1', session: 's2' }, link, noteArrival(), slowSources)
  await turn()
  await openWatch('ann', { type: 'attach', id: 'a2', session: 's1' }, link, noteArrival(), sources)
  expect(viewer.attached()).toMatchObject([{ id: 'a2' }])
})

test('an attach that waits for its turn is over with its link: it holds its session no longer, and claims nothing', async () => {
  const { sources } = await journaling()
  const other = viewing()
  await openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, other.link, noteArrival(), sources)
  const { viewer, link, fill, stop } = slow()
  fill()
  const watch = openWatch('ann', { type: 'attach', id: 'a2', session: 's1', exclusive: 'one' }, link, noteArrival(), sources)
  await turn()
  stop()
  ;(await watch).close()
  expect(viewer.frames).toEqual([])
  expect(other.frames).toHaveLength(1)
  expect(sources.watches.size).toBe(1)
})

test('a watch tells once that it has ended', async () => {
  const { sources } = await journaling()
  const watch = await openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, viewing().link, noteArrival(), sources)
  const [onEnded, late] = [vi.fn(), vi.fn()]
  watch.whenEnded(onEnded)
  expect(onEnded).not.toHaveBeenCalled()
  watch.detach('deleted')
  watch.close()
  expect(onEnded).toHaveBeenCalledTimes(1)
  watch.whenEnded(late)
  expect(late).toHaveBeenCalledTimes(1)
})

describe('a viewer with a claim to be the only one', () => {
  async function claiming() {
    // Asked only for a cursor within the journal.
    const held = heldStore('markAt')
    const hosted = await hosting({ store: held.store })
    await hosted.host.append(hosted.session, { name: 'note', value: 0 }, { name: 'note', value: 0 })
    return {
      ...hosted,
      held,
      async attach(exclusive?: string, cursor?: string) {
        const viewer = viewing()
        const frame = {
          type: 'attach',
          id: nanoid(),
          session: hosted.session,
          ...(exclusive !== undefined && { exclusive }),
          ...(cursor !== undefined && { cursor }),
        } as const
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

  test('is superseded by one that came after it, also where that is answered before', async () => {
    const { held, attach } = await claiming()
    held.hold()
    const early = attach('one', 'AbCdEfGh_-.1')
    await turn()
    const later = await attach('two')
    held.open()
    expect((await early).heard()).toEqual(['detached'])
    expect(later.heard()).toEqual(['attached'])
  })

  test('ends nobody who came after it, also where that is answered before', async () => {
    const { held, attach } = await claiming()
    held.hold()
    const early = attach('one', 'AbCdEfGh_-.1')
    await turn()
    const later = await attach()
    held.open()
    expect((await early).heard()).toEqual(['attached'])
    expect(later.heard()).toEqual(['attached'])
  })

  test('ends also who came before it and is answered after it', async () => {
    const { held, attach } = await claiming()
    held.hold()
    const early = attach(undefined, 'AbCdEfGh_-.1')
    await turn()
    const claimed = await attach('one')
    held.open()
    expect((await early).heard()).toEqual(['detached'])
    expect(claimed.heard()).toEqual(['attached'])
  })

  test('claims nothing where its link closed before it was answered', async () => {
    const { held, host, session, attach } = await claiming()
    const newest = await attach('one')
    held.hold()
    const frame = { type: 'attach', id: 'late', session, exclusive: 'two', cursor: 'AbCdEfGh_-.1' } as const
    let isWanted = true
    const arrival = host.noteArrival(() => isWanted)
    const late = host.attach('alice', frame, viewing().link, arrival)
    await turn()
    isWanted = false
    held.open()
    await late
    expect(newest.heard()).toEqual(['attached'])
    expect((await attach('one')).heard()).toEqual(['attached'])
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
  await openWatch('ann', { type: 'attach', id: 'a1', session: 's1' }, ann.link, noteArrival(), sources)
  await openWatch('bob', { type: 'attach', id: 'b1', session: 's1', exclusive: 'one' }, bob.link, noteArrival(), sources)
  expect([ann, bob].map(({ frames }) => frames.map(({ type }) => type))).toEqual([['attached'], ['attached']])
})
