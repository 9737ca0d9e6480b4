import type { DirectoryFrame, SessionEntry } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { directoryFeed } from '../../src/http/directory-feed.ts'

/** A link that has room when the test says so. */
function feeding() {
  const sent: DirectoryFrame[] = []
  let room = true
  let waiter: (() => void) | undefined
  const link = { hasRoom: () => room, whenRoom: (callback: () => void) => void (waiter = callback) }
  return {
    sent,
    feed: directoryFeed(link, (frame) => sent.push(frame)),
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
