import { expect, test } from 'vitest'
import { batch, setSession } from '../stage.ts'

test('an attach that is refused says why, and when it goes out again', async () => {
  const { link, clock, log, client } = await setSession(undefined, 1)
  client.session('gone')
  client.session('busy')
  const [gone, busy] = [await link.hears('attach'), await link.hears('attach')]
  await link.says(
    { type: 'refused', id: gone.id, session: 'gone', code: 'session_not_found', message: 'no such session' },
    { type: 'refused', id: busy.id, session: 'busy', code: 'unavailable', message: 'later', retryMs: 500 },
  )
  await clock.settle()
  expect(log.filter(({ type }) => type === 'unattached')).toMatchObject([
    { session: 'gone', code: 'session_not_found' },
    { session: 'busy', code: 'unavailable', retryMs: 500 },
  ])
})

test('a wake signal, the probe that follows and how long its answer took stand behind each other', async () => {
  const { link, clock, log, wake } = await setSession(undefined, 1)
  const from = log.length
  wake.signal('visible', 'focus')
  const { n } = await link.hears('ping')
  await clock.advance(80)
  await link.says({ type: 'pong', n })
  expect(log.slice(from).map(({ at, ...entry }) => at > 0 && entry)).toEqual([
    { type: 'wake', signal: 'visible' },
    { type: 'probe' },
    { type: 'wake', signal: 'focus' },
    { type: 'answer', ms: 80 },
  ])
})

type Stage = Awaited<ReturnType<typeof setSession>>

test.each<[reason: string, what: (stage: Stage) => unknown]>([
  ['silent', ({ clock }) => clock.advance(25_000)],
  ['unanswered', async ({ clock, wake }) => (wake.signal('visible'), clock.advance(2_000))],
  ['stale', ({ clock, wake }) => (clock.sleep(25_000), wake.signal('visible'))],
  ['stale', ({ wake }) => wake.signal('bfcache')],
  ['gap', ({ link }) => link.says(batch('s', 9))],
  ['the frame is not JSON', ({ link }) => link.says('?')],
])('a link that we end as %s says so', async (reason, what) => {
  const stage = await setSession(undefined, 1)
  await what(stage)
  await stage.clock.settle()
  expect(stage.log.flatMap((record) => (record.type === 'lost' ? [[record.code, record.reason]] : []))).toEqual([[1000, reason]])
})
