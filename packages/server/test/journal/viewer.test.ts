import type { SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import type { Next } from '../../src/journal/feed.ts'
import { Feed } from '../../src/journal/feed.ts'
import { Journal } from '../../src/journal/journal.ts'
import { openViewer } from '../../src/journal/viewer.ts'
import type { ViewerLink } from '../../src/journal/viewer-link.ts'
import { Outflow } from '../../src/http/outflow.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore, heldStore } from '../session/altered-store.ts'
import { text } from './batches.ts'

/** A link that keeps what it is handed, with room for as many frames as the test says. */
function slowLink(room = Number.POSITIVE_INFINITY) {
  let left = room
  let waiting: (() => void) | undefined
  const frames: { from: number; to: number; events: SessionEvent[] }[] = []
  const buffers: (Buffer | string)[] = []
  const link: ViewerLink = {
    send: (frame) => {
      left -= 1
      buffers.push(frame)
      frames.push(JSON.parse(frame.toString()) as (typeof frames)[number])
    },
    hasRoom: () => left > 0,
    whenRoom: (callback) => {
      waiting = callback
    },
    keepRoom: () => () => undefined,
    inTurn: async (prepare) => (await prepare())(),
    close: () => undefined,
  }
  return {
    link,
    frames,
    buffers,
    giveRoom: (more: number) => {
      left += more
      const callback = waiting
      waiting = undefined
      callback?.()
    },
  }
}

async function openFeed(tail?: { events: number; bytes: number }, store: Store = createMemoryStore()) {
  await store.create({ id: 's1', owner: 'p', birth: 'birthmark-', createdAt: 0 })
  const lease = await store.lease('s1', 'node', 60_000)
  const bounds = await store.bounds('s1')
  if (lease === undefined || bounds === undefined) throw new Error('the store gave no lease')
  const viewers: { pump(): void }[] = []
  const journal = new Journal({
    store,
    session: 's1',
    fence: lease.fence,
    bounds,
    timers: manualTimers(),
    tail,
    onStored: () => {
      for (const viewer of viewers) viewer.pump()
    },
    onFailed: () => undefined,
  })
  const feed = new Feed({ journal, store, session: 's1', timers: manualTimers() })
  const folded: string[] = []
  const view = (link: ViewerLink, after = 0) => {
    const viewer = openViewer({ feed, link, after, onFolded: () => folded.push('folded'), onFailed: () => folded.push('failed') })
    viewers.push(viewer)
    viewer.pump()
    return viewer
  }
  return { store, journal, feed, view, folded }
}

describe('a viewer', () => {
  test('gets every batch once, live, as the stored bytes that all viewers share', async () => {
    const { journal, view } = await openFeed()
    const one = slowLink()
    const other = slowLink()
    view(one.link)
    view(other.link)
    await journal.append([text('a')])
    await journal.append([text('b')])
    expect(one.frames.map(({ from, to }) => [from, to])).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(one.buffers[0]).toBe(other.buffers[0])
  })

  test('that fell behind gets merged deltas, and the cursor of the last batch', async () => {
    const { journal, view } = await openFeed()
    const { link, frames, giveRoom } = slowLink(1)
    const viewer = view(link)
    for (const delta of ['a', 'b', 'c', 'd']) await journal.append([text(delta)])
    expect(frames).toHaveLength(1)
    expect(viewer.sent()).toBe(1)
    giveRoom(10)
    expect(frames.slice(1)).toMatchObject([{ from: 2, to: 4, events: [text('bcd')] }])
    expect(viewer.sent()).toBe(4)
  })

  test('is not sent anything while its link has no room', async () => {
    const { journal, view } = await openFeed()
    const { link, frames } = slowLink(0)
    view(link)
    await journal.append([text('a')])
    await journal.append([text('b')])
    expect(frames).toEqual([])
  })

  test('shares the merging with others at the same place', async () => {
    const { journal, view } = await openFeed()
    for (const delta of ['a', 'b', 'c']) await journal.append([text(delta)])
    const one = slowLink()
    const other = slowLink()
    view(one.link)
    view(other.link)
    expect(one.buffers).toHaveLength(1)
    expect(one.buffers[0]).toBe(other.buffers[0])
  })

  test('reads from the store what is no longer in memory, and then goes on live', async () => {
    const { journal, view } = await openFeed({ events: 2, bytes: 1_000_000 })
    for (const delta of ['a', 'b', 'c', 'd', 'e']) await journal.append([text(delta)])
    const { link, frames } = slowLink()
    view(link)
    await turn()
    await journal.append([text('f')])
    expect(frames.flatMap(({ events }) => events.map((event) => (event as { delta: string }).delta)).join('')).toBe('abcdef')
    expect(frames.at(-1)).toMatchObject({ from: 6, to: 6 })
  })

  test('whose next rows were folded away is told so', async () => {
    const { store, journal, view, folded } = await openFeed({ events: 1, bytes: 1_000_000 })
    for (const delta of ['a', 'b', 'c']) await journal.append([text(delta)])
    await store.saveSnapshot('s1', { seq: 3, mark: journal.bounds.mark, json: '{}', messages: 0, rows: [] })
    await journal.fold(2)
    const { link, frames } = slowLink()
    view(link, 1)
    await turn()
    expect(folded).toEqual(['folded'])
    expect(frames).toEqual([])
  })

  test('that is closed is handed nothing more', async () => {
    const { journal, view } = await openFeed()
    const { link, frames } = slowLink()
    view(link).close()
    await journal.append([text('a')])
    expect(frames).toEqual([])
  })

  test('at the head is answered without a promise', async () => {
    const { journal, feed } = await openFeed()
    await journal.append([text('a')])
    const next = feed.next(0)
    expect(next).not.toBeInstanceOf(Promise)
    expect((next as Next).kind).toBe('batch')
  })
})

/** A link for many viewers that passes on what it is given when the test says so, and knows how much waited at most. */
function crowdedLink() {
  const passes: (() => void)[] = []
  let waiting = 0
  let most = 0
  const flow = new Outflow({
    timers: manualTimers(),
    write: (piece, _isLast, passed) =>
      passes.push(() => {
        waiting -= piece.length
        passed()
      }),
    onMoved: () => undefined,
    onStalled: () => undefined,
  })
  const link: ViewerLink = {
    send: (frame) => {
      const bytes = Buffer.from(frame)
      waiting += bytes.length
      most = Math.max(most, waiting)
      flow.send(bytes)
    },
    hasRoom: () => flow.hasRoom(),
    whenRoom: (callback) => flow.whenRoom(callback),
    keepRoom: () => flow.keepRoom(),
    inTurn: (prepare) => flow.inTurn(prepare),
    close: () => undefined,
  }
  return {
    link,
    most: () => most,
    /** All goes out, and what follows. */
    async drain() {
      for (let pass = passes.shift(); pass !== undefined; pass = passes.shift()) {
        pass()
        await turn()
      }
    },
  }
}

describe('many viewers of one link that are all behind what is in memory', () => {
  const KIB = 1024

  test.each([
    ['256 KiB', 60 * KIB, 256 * KIB],
    ['one larger frame', 200 * KIB, (192 + 201) * KIB],
  ])('make no more than %s wait on it, and miss nothing', async (_what, eventBytes, mostBytes) => {
    const { journal, view } = await openFeed({ events: 1, bytes: 1_000_000 })
    for (const letter of ['a', 'b', 'c']) await journal.append([{ type: 'CUSTOM', name: 'note', value: letter.repeat(eventBytes) }])
    const { link, most, drain } = crowdedLink()
    const viewers = Array.from({ length: 64 }, () => view(link))
    await turn()
    await drain()
    expect(most()).toBeLessThanOrEqual(mostBytes)
    expect(viewers.map((viewer) => viewer.sent())).toEqual(viewers.map(() => 3))
  })

  test('read no more at once than the link can take', async () => {
    const held = heldStore('read')
    let reads = 0
    const store = alteredStore(held.store, (inner) => ({
      read: (...args) => {
        reads += 1
        return inner.read(...args)
      },
    }))
    const { journal, view } = await openFeed({ events: 1, bytes: 1_000_000 }, store)
    for (const letter of 'abcdefghij') await journal.append([{ type: 'CUSTOM', name: letter, value: letter.repeat(60 * KIB) }])
    held.hold()
    const { link, drain } = crowdedLink()
    const viewers = Array.from({ length: 8 }, (_, after) => view(link, after))
    expect(reads).toBe(4)
    viewers[0]?.close()
    await turn()
    expect(reads).toBe(5)
    held.open()
    await turn()
    await drain()
    expect(viewers.slice(1).map((viewer) => viewer.sent())).toEqual([10, 10, 10, 10, 10, 10, 10])
  })
})
