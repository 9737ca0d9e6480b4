import type { DirectoryFrame, SessionEntry } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { directoryFeed } from '../../src/http/directory-feed.ts'

/** A link that has room when the test says so. */
function feeding({ isFullAfter = Infinity } = {}) {
  const sent: DirectoryFrame[] = []
  let room = true
  let waiter: (() => void) | undefined
  const link = { hasRoom: () => room, whenRoom: (callback: () => void) => void (waiter = callback) }
  return {
    sent,
    feed: directoryFeed(link, (frame) => {
      sent.push(frame)
      if (sent.length === isFullAfter) room = false
    }),
    fill: () => void (room = false),
    drain: () => {
      room = true
      waiter?.()
    },
  }
}

function changed(id: string, title: string): DirectoryFrame {
  return { type: 'directory', sessions: [{ id, title } as SessionEntry] }
}

test('what is told goes out at once while there is room', () => {
  const link = feeding()
  link.feed.tell(changed('s1', 'one'))
  expect(link.sent).toEqual([changed('s1', 'one')])
})

test('without room later changes replace earlier ones, and go out as one frame', () => {
  const link = feeding()
  link.fill()
  link.feed.tell(changed('s1', 'one'))
  link.feed.tell(changed('s2', 'two'))
  link.feed.tell(changed('s1', 'three'))
  expect(link.sent).toEqual([])
  link.drain()
  expect(link.sent).toEqual([
    {
      type: 'directory',
      sessions: [
        { id: 's1', title: 'three' },
        { id: 's2', title: 'two' },
      ],
    },
  ])
  link.feed.tell(changed('s1', 'four'))
  expect(link.sent).toHaveLength(2)
})

test('a session that went while there was no room is gone, and one that came back is there', () => {
  const link = feeding()
  link.fill()
  link.feed.tell(changed('s1', 'one'))
  link.feed.tell({ type: 'directory', sessions: [], gone: ['s1', 's2'] })
  link.feed.tell(changed('s2', 'back'))
  link.drain()
  expect(link.sent).toEqual([{ type: 'directory', sessions: [{ id: 's2', title: 'back' }], gone: ['s1'] }])
})

/** A session of about 16 KiB, which is as large as settings may make it. */
const large = (id: string) => ({ id, settings: 'x'.repeat(16 * 1024) }) as unknown as SessionEntry

test('what is larger than 64 KiB goes out in frames that are not, all but the last marked', () => {
  const { feed, sent } = feeding()
  const ids = Array.from({ length: 10 }, (_, index) => `s${index}`)
  feed.tell({ type: 'directory', sessions: ids.map(large), gone: ['gone'] })
  expect(sent.map(({ more }) => more)).toEqual([true, true, true, undefined])
  for (const frame of sent) expect(JSON.stringify(frame).length).toBeLessThan(64 * 1024)
  expect(sent.flatMap(({ sessions }) => sessions.map(({ id }) => id))).toEqual(ids)
  expect(sent.flatMap(({ gone = [] }) => gone)).toEqual(['gone'])
})

test('the frame as a whole fits, however small its parts are', () => {
  const { feed, sent } = feeding()
  const gone = Array.from({ length: 5_000 }, (_, index) => `"session" ${index}`)
  feed.tell({ type: 'directory', sessions: [], gone })
  for (const frame of sent) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(64 * 1024)
  expect(sent.flatMap((frame) => frame.gone)).toEqual(gone)
})

test('between two of its frames the link may fill up; what changes meanwhile belongs to the rest', () => {
  const link = feeding({ isFullAfter: 1 })
  link.feed.tell({ type: 'directory', sessions: ['s1', 's2', 's3', 's4'].map(large) })
  link.feed.tell(changed('s4', 'four'))
  expect(link.sent.map(({ sessions, more }) => [sessions.length, more])).toEqual([[3, true]])
  link.drain()
  expect(link.sent.slice(1)).toEqual([changed('s4', 'four')])
})

test('a list without sessions is told too', () => {
  const { feed, sent } = feeding()
  feed.tell({ type: 'directory', sessions: [] })
  expect(sent).toEqual([{ type: 'directory', sessions: [] }])
})
