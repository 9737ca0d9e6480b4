import type { AttachFrame } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { LinkWatches } from '../../src/http/link-watches.ts'
import { countArrivals, type Arrival } from '../../src/session/arrival.ts'
import { Refusal } from '../../src/session/refusal.ts'
import type { Watch } from '../../src/session/watch.ts'
import { turn } from '../manual-timers.ts'
import { until } from '../until.ts'

/** Watches whose attaches are answered when the test says so, and a log of what happened. */
function watching(limit = 64) {
  const log: string[] = []
  const arrivals: Arrival[] = []
  const pending: { readonly frame: AttachFrame; readonly resolve: (watch: Watch) => void; readonly reject: (error: unknown) => void }[] = []
  const watches = new LinkWatches({
    limit,
    noteArrival: countArrivals(),
    open: (frame, arrival) => {
      log.push(`open ${frame.id}`)
      arrivals.push(arrival)
      return new Promise((resolve, reject) => pending.push({ frame, resolve, reject }))
    },
    onRefused: (frame) => log.push(`refused ${frame.id}`),
  })

  function watch({ id, session }: AttachFrame): Watch {
    let isOpen = true
    let onEnded = () => {}
    function end() {
      isOpen = false
      onEnded()
    }
    return {
      session,
      principal: 'ann',
      order: 1,
      sent: () => 7,
      isOpen: () => isOpen,
      whenEnded: (callback) => (isOpen ? (onEnded = callback) : callback()),
      detach: end,
      close: () => {
        log.push(`close ${id}`)
        end()
      },
    }
  }

  return {
    log,
    arrivals,
    watches,
    attach: (id: string, session = 's1') => watches.take({ type: 'attach', id, session }),
    detach: (session = 's1') => watches.take({ type: 'detach', session }),
    /** Answers the attach that waits longest, or that of a session. */
    async answer(session?: string, before: (watch: Watch) => void = () => undefined): Promise<Watch> {
      const { frame, resolve } = await until(() => {
        const index = pending.findIndex((asked) => session === undefined || asked.frame.session === session)
        return pending.splice(index, index < 0 ? 0 : 1)[0] ?? Promise.reject(new Error('nothing is asked'))
      })
      const answer = watch(frame)
      before(answer)
      resolve(answer)
      await turn()
      return answer
    },
    async refuse() {
      const { reject } = await until(() => pending.shift() ?? Promise.reject(new Error('nothing is asked')))
      reject(new Refusal('session_not_found', 'no'))
      await turn()
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

test('a session whose attach takes long holds up no other', async () => {
  const link = watching()
  link.attach('a1', 's1')
  link.attach('a2', 's2')
  await link.answer('s2')
  expect(link.log).toEqual(['open a1', 'open a2'])
  expect(link.watches.sent()).toEqual({ s2: 7 })
})

test('all attaches are answered only when the slowest is, and those that waited for it', async () => {
  const link = watching()
  link.attach('a1', 's1')
  link.attach('a2', 's1')
  link.attach('b1', 's2')
  let isAnswered = false
  void link.watches.answered().then(() => (isAnswered = true))
  await link.answer('s2')
  await link.answer('s1')
  expect(isAnswered).toBe(false)
  await link.answer('s1')
  expect(isAnswered).toBe(true)
})

test('where none is asked all attaches are answered', async () => {
  await expect(watching().watches.answered()).resolves.toBeUndefined()
})

test('a link watches no more sessions than it may', async () => {
  const link = watching(1)
  link.attach('a1', 's1')
  await link.answer()
  link.attach('a2', 's2')
  expect(link.log).toEqual(['open a1', 'refused a2'])
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

test('a watch that the server ended before it was there takes no place', async () => {
  const link = watching(1)
  link.attach('a1', 's1')
  await link.answer('s1', (watch) => watch.detach('superseded'))
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

test('each attach has its place among all that came when it comes, also where it waits', async () => {
  const link = watching()
  link.attach('a1')
  link.attach('a2')
  link.attach('b1', 's2')
  await link.answer()
  await link.answer()
  await link.answer()
  expect(link.log.filter((line) => line.startsWith('open'))).toEqual(['open a1', 'open b1', 'open a2'])
  expect(link.arrivals.map(({ order }) => order)).toEqual([1, 3, 2])
})

test('when the link closes no answer is wanted any more', async () => {
  const link = watching()
  link.attach('a1')
  await turn()
  const isWanted = () => link.arrivals.map((arrival) => arrival.isWanted())
  expect(isWanted()).toEqual([true])
  link.watches.close()
  expect(isWanted()).toEqual([false])
})
