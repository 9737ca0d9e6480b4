import type { AttachFrame } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { linkWatches } from '../../src/http/link-watches.ts'
import { Refusal } from '../../src/session/refusal.ts'
import type { Watch } from '../../src/session/watch.ts'
import { turn } from '../manual-timers.ts'
import { until } from '../until.ts'

/** Watches whose attaches are answered when the test says so, and a log of what happened. */
function watching(limit = 64) {
  const log: string[] = []
  const pending: { readonly frame: AttachFrame; readonly resolve: (watch: Watch) => void; readonly reject: (error: unknown) => void }[] = []
  let room = true
  const waiters: (() => void)[] = []
  const watches = linkWatches({
    limit,
    link: { hasRoom: () => room, whenRoom: (callback) => waiters.push(callback) },
    open: (frame) => {
      log.push(`open ${frame.id}`)
      return new Promise((resolve, reject) => pending.push({ frame, resolve, reject }))
    },
    onRefused: (frame) => log.push(`refused ${frame.id}`),
    onFull: (frame) => log.push(`full ${frame.id}`),
  })

  function watch({ id, session }: AttachFrame): Watch {
    let isOpen = true
    return {
      session,
      principal: 'ann',
      sent: () => 7,
      isOpen: () => isOpen,
      detach: () => (isOpen = false),
      close: () => {
        isOpen = false
        log.push(`close ${id}`)
      },
    }
  }

  return {
    log,
    watches,
    attach: (id: string, session = 's1') => watches.take({ type: 'attach', id, session }),
    detach: (session = 's1') => watches.take({ type: 'detach', session }),
    async answer(): Promise<Watch> {
      const { frame, resolve } = await until(() => pending.shift() ?? Promise.reject(new Error('nothing is asked')))
      const answer = watch(frame)
      resolve(answer)
      await turn()
      return answer
    },
    async refuse() {
      const { reject } = await until(() => pending.shift() ?? Promise.reject(new Error('nothing is asked')))
      reject(new Refusal('session_not_found', 'no'))
      await turn()
    },
    fill: () => void (room = false),
    drain: () => {
      room = true
      for (const waiter of waiters.splice(0)) waiter()
    },
  }
}

test('what was sent is told of each session that is attached', async () => {
  const link = watching()
  link.attach('a1', 's1')
  await link.answer()
  link.attach('a2', 's2')
  expect(link.watches.sent()).toEqual({ s1: 7 })
})

test('an attach anew closes the watch before', async () => {
  const link = watching()
  link.attach('a1')
  await link.answer()
  link.attach('a2')
  await link.answer()
  expect(link.log).toEqual(['open a1', 'close a1', 'open a2'])
})

test('an attach waits until the one before it is answered', async () => {
  const link = watching()
  link.attach('a1')
  link.attach('a2')
  await turn()
  expect(link.log).toEqual(['open a1'])
  await link.answer()
  await link.answer()
  expect(link.log).toEqual(['open a1', 'close a1', 'open a2'])
})

test('a detach closes the watch, also one whose attach is not answered yet', async () => {
  const link = watching()
  link.attach('a1')
  link.detach()
  await link.answer()
  expect(link.log).toEqual(['open a1', 'close a1'])
  expect(link.watches.sent()).toEqual({})
})

test('what follows an attach that is not answered is done in its order', async () => {
  const link = watching()
  link.attach('a1')
  link.detach()
  link.attach('a2')
  link.detach()
  link.attach('a3')
  await link.answer()
  await link.answer()
  await link.answer()
  expect(link.log).toEqual(['open a1', 'close a1', 'open a2', 'close a2', 'open a3'])
  expect(link.watches.sent()).toEqual({ s1: 7 })
})

test('a refused attach is told, and leaves its place to the next', async () => {
  const link = watching()
  link.attach('a1')
  link.attach('a2')
  await link.refuse()
  await link.answer()
  expect(link.log).toEqual(['open a1', 'refused a1', 'open a2'])
})

test('sessions are attached one after the other', async () => {
  const link = watching()
  link.attach('a1', 's1')
  link.attach('a2', 's2')
  await turn()
  expect(link.log).toEqual(['open a1'])
  await link.answer()
  expect(link.log).toEqual(['open a1', 'open a2'])
})

test('a session is attached only where the link has room: snapshots must not pile up', async () => {
  const link = watching()
  link.fill()
  link.attach('a1')
  await turn()
  expect(link.log).toEqual([])
  link.drain()
  await link.answer()
  expect(link.log).toEqual(['open a1'])
})

test('a link watches no more sessions than it may', async () => {
  const link = watching(1)
  link.attach('a1', 's1')
  await link.answer()
  link.attach('a2', 's2')
  expect(link.log).toEqual(['open a1', 'full a2'])
  link.attach('a3', 's1')
  await link.answer()
  expect(link.log.at(-1)).toBe('open a3')
})

test('a watch that the server ended gives its place back, and is told of no more', async () => {
  const link = watching(1)
  link.attach('a1', 's1')
  const watch = await link.answer()
  watch.detach('deleted')
  expect(link.watches.sent()).toEqual({})
  link.attach('a2', 's2')
  await link.answer()
  expect(link.log).toEqual(['open a1', 'open a2'])
})

test('a refusal that comes after the link closed is told to nobody', async () => {
  const link = watching()
  link.attach('a1')
  await turn()
  link.watches.close()
  await link.refuse()
  expect(link.log).toEqual(['open a1'])
})

test('when the link closes all watches are closed, also those that are only answered then', async () => {
  const link = watching()
  link.attach('a1', 's1')
  await link.answer()
  link.attach('a2', 's2')
  link.attach('a3', 's2')
  await turn()
  link.watches.close()
  await link.answer()
  expect(link.log).toEqual(['open a1', 'open a2', 'close a1', 'close a2'])
})
