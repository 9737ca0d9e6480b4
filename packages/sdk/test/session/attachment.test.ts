import { expect, test } from 'vitest'
import type { SessionEvents } from '../../src/index.ts'
import { batch, cursor, note, resumed, setStage, snapshot, type StagedLink } from '../stage.ts'

/** A client that follows `s` at seq 3, and `t` at seq 0, over one link. */
async function live(options?: Parameters<typeof setStage>[0]) {
  const stage = setStage(options)
  const s = stage.client.session('s')
  const t = stage.client.session('t')
  const failures: SessionEvents['failure'][] = []
  s.on('failure', (...args) => failures.push(args))
  const link = await stage.welcomed()
  const first = await link.hears('attach')
  const second = await link.hears('attach')
  await link.says(snapshot(first.id, 's', 3), snapshot(second.id, 't', 0))
  return { ...stage, s, t, link, attachId: first.id, failures }
}

/** What the client says to attach `s` on the next link. */
async function nextAttach({ welcomed }: Pick<Awaited<ReturnType<typeof live>>, 'welcomed'>) {
  const link = await welcomed()
  const attaches = [await link.hears('attach'), await link.hears('attach')]
  const attach = attaches.find(({ session }) => session === 's')
  const other = attaches.find(({ session }) => session === 't')
  if (!attach || !other) throw new Error('expected s and t to be attached')
  await link.says(resumed(other.id, 't', 0))
  return { link, attach }
}

const attaches = (link: StagedLink) => link.heard.filter(({ type }) => type === 'attach')

test('a duplicate batch is dropped', async () => {
  const { s, link, log, links } = await live()
  await link.says(batch('s', 4), { ...batch('s', 4), events: [note(99)] })
  expect(s.state.custom).toEqual({ note: 4 })
  expect(log.at(-1)).toMatchObject({ type: 'duplicate', session: 's', from: 4, to: 4 })
  expect(links).toHaveLength(1)
})

test('a gap closes the link, and the next one attaches from the cursor', async () => {
  const stage = await live()
  await stage.link.says(batch('s', 4), batch('s', 6), batch('s', 7))
  expect(stage.link.closed()).toMatchObject({ code: 1000, reason: 'gap' })
  const { attach, link } = await nextAttach(stage)
  expect(attach.cursor).toBe(cursor(4))
  await link.says(resumed(attach.id, 's', 6), batch('s', 5), batch('s', 6))
  expect(stage.s.state).toMatchObject({ custom: { note: 6 }, caughtUp: true })
  expect(stage.log).toContainEqual(expect.objectContaining({ type: 'gap', session: 's', seq: 4, from: 6 }))
})

test('a merged batch that straddles the cursor is a gap', async () => {
  const stage = await live()
  await stage.link.says(batch('s', 6, [note(6)], 2))
  const { attach } = await nextAttach(stage)
  expect(attach.cursor).toBe(cursor(3))
  expect(stage.s.state.custom).toEqual({})
})

test('the cursor carries the mark of the batch that was applied last', async () => {
  const stage = await live()
  await stage.link.says({ ...batch('s', 4), mark: 'zzzzzzzzzz' })
  stage.link.wire.cut()
  expect((await nextAttach(stage)).attach.cursor).toBe('zzzzzzzzzz.4')
})

test('the head of an attach never becomes a cursor', async () => {
  const stage = await live()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says(resumed(attach.id, 's', 50))
  link.wire.cut()
  expect((await nextAttach(stage)).attach.cursor).toBe(cursor(3))
})

test('the second fault at one cursor attaches without it, the third fails the session, and others go on', async () => {
  const stage = await live()
  const { s, t } = stage
  await stage.link.says(batch('s', 9))
  const second = await nextAttach(stage)
  expect(second.attach.cursor).toBe(cursor(3))
  await second.link.says(resumed(second.attach.id, 's', 9), batch('s', 9))
  const third = await nextAttach(stage)
  expect(third.attach).not.toHaveProperty('cursor')
  expect(s.state.failure).toBeUndefined()
  await third.link.says(snapshot(third.attach.id, 's', 3), batch('s', 9), batch('t', 1))
  expect(s.state.failure).toMatchObject({ code: 'damaged' })
  expect(stage.failures).toHaveLength(1)
  expect(third.link.heard.at(-1)).toEqual({ type: 'detach', session: 's' })
  expect(t.state.custom).toEqual({ note: 1 })
  expect(third.link.closed()).toBeUndefined()
})

test('faults at different cursors are each the first', async () => {
  const stage = await live()
  for (let index = 0, link = stage.link; index < 6; index++) {
    await link.says(batch('s', 4 + index), batch('s', 50))
    const next = await nextAttach(stage)
    expect(next.attach.cursor).toBe(cursor(4 + index))
    await next.link.says(resumed(next.attach.id, 's', 4 + index))
    link = next.link
  }
  expect(stage.s.state.failure).toBeUndefined()
})

test('lost links are no faults', async () => {
  const stage = await live()
  stage.link.wire.cut()
  for (let index = 0; index < 4; index++) {
    const { attach, link } = await nextAttach(stage)
    expect(attach.cursor).toBe(cursor(3))
    link.wire.cut()
  }
  expect(stage.s.state.failure).toBeUndefined()
})

test('a malformed frame that names a session is a fault of that session', async () => {
  const stage = await live()
  await stage.link.says(JSON.stringify({ type: 'batch', session: 's', from: 4 }))
  expect(stage.link.closed()).toMatchObject({ reason: 'damaged' })
  const second = await nextAttach(stage)
  await second.link.says(JSON.stringify({ type: 'attached', session: 's', id: second.attach.id }))
  const third = await nextAttach(stage)
  expect(third.attach).not.toHaveProperty('cursor')
  await third.link.says(JSON.stringify({ type: 'batch', session: 's' }))
  expect(stage.s.state.failure).toMatchObject({ code: 'damaged' })
  expect(third.link.closed()).toBeUndefined()
})

test('a malformed frame that names no session closes the link, and is no fault of any session', async () => {
  const stage = await live()
  await stage.link.says('{"type":"welcome"')
  expect(stage.link.closed()).toMatchObject({ code: 1000 })
  const { attach } = await nextAttach(stage)
  expect(attach.cursor).toBe(cursor(3))
})

test('frames of unknown types are ignored', async () => {
  const { s, link } = await live()
  await link.says('{"type":"weather","session":"s","sunny":true}', batch('s', 4))
  expect(s.state.custom).toEqual({ note: 4 })
  expect(link.closed()).toBeUndefined()
})

test('batches between an attach and its answer are ignored', async () => {
  const stage = await live()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says(batch('s', 4, [note(77)]))
  expect(stage.s.state.custom).toEqual({})
  await link.says(resumed(attach.id, 's', 4), batch('s', 4))
  expect(stage.s.state.custom).toEqual({ note: 4 })
})

test('the answer to an older attach is ignored', async () => {
  const stage = await live()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says(snapshot(stage.attachId, 's', 90, { custom: { note: 90 } }))
  expect(stage.s.state.custom).toEqual({})
  await link.says(resumed(attach.id, 's', 3))
  await link.says(snapshot(stage.attachId, 's', 90, { custom: { note: 90 } }))
  expect(stage.s.state.custom).toEqual({})
})

test('a further answer to the latest attach takes the place of what is there', async () => {
  const { s, link, attachId } = await live()
  await link.says(batch('s', 4), snapshot(attachId, 's', 90, { custom: { note: 90 } }), batch('s', 91))
  expect(s.state.custom).toEqual({ note: 91 })
})

test('frames of a link that was superseded are ignored', async () => {
  const stage = await live()
  const old = stage.link
  old.wire.hold('toClient')
  await old.says(batch('s', 4, [note(66)]))
  stage.clock.sleep(60_000)
  stage.wake.signal('visible')
  const { attach, link } = await nextAttach(stage)
  await link.says(resumed(attach.id, 's', 4))
  old.wire.flush('toClient')
  expect(stage.s.state.custom).toEqual({})
  await link.says(batch('s', 4))
  expect(stage.s.state.custom).toEqual({ note: 4 })
})

test('a ping that names a seq above the replica is a gap', async () => {
  const stage = await live()
  await stage.link.says({ type: 'ping', n: 1, sent: { s: 4 } })
  expect(stage.link.closed()).toMatchObject({ reason: 'gap' })
  expect((await nextAttach(stage)).attach.cursor).toBe(cursor(3))
})

test('a ping that names the seq of the replica, or of a session whose attach is unanswered, is none', async () => {
  const stage = await live()
  await stage.link.says({ type: 'ping', n: 1, sent: { s: 3, t: 0, unknown: 9 } })
  expect(stage.link.closed()).toBeUndefined()
  stage.link.wire.cut()
  const { link } = await nextAttach(stage)
  await link.says({ type: 'ping', n: 1, sent: { s: 9 } })
  expect(link.closed()).toBeUndefined()
})

test('detached by the store, or refused with retryMs, is attached again with back-off', async () => {
  const { clock, link, s } = await live({ random: () => 0.5 })
  await link.says({ type: 'detached', session: 's', reason: 'store' })
  expect(attaches(link)).toHaveLength(2)
  await clock.advance(250)
  const third = await link.hears('attach')
  expect(third.cursor).toBe(cursor(3))
  await link.says({ type: 'refused', id: third.id, session: 's', code: 'unavailable', message: 'store', retryMs: 1_000 })
  await clock.advance(1_499)
  expect(attaches(link)).toHaveLength(3)
  await clock.advance(1)
  const fourth = await link.hears('attach')
  await link.says(resumed(fourth.id, 's', 4), batch('s', 4))
  expect(s.state).toMatchObject({ custom: { note: 4 } })
  expect(s.state.failure).toBeUndefined()
})

test('a batch that was on its way when the store detached is ignored', async () => {
  const { link, s } = await live({ random: () => 0.5 })
  await link.says({ type: 'detached', session: 's', reason: 'store' }, batch('s', 4))
  expect(s.state.custom).toEqual({})
})

test('waiting to attach again ends with the link, whose successor attaches at once', async () => {
  const stage = await live()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says({ type: 'refused', id: attach.id, code: 'unavailable', message: 'store', retryMs: 2_000 })
  link.wire.cut()
  const next = await nextAttach(stage)
  await next.link.says(resumed(next.attach.id, 's', 3))
  await stage.clock.advance(5_000)
  expect(attaches(next.link)).toHaveLength(2)
})

for (const [reason, code] of [
  ['superseded', 'detached'],
  ['deleted', 'session_not_found'],
  ['forbidden', 'forbidden'],
  ['expired', 'session_expired'],
] as const) {
  test(`detached as ${reason} waits for the app, as ${code}`, async () => {
    const { clock, link, s } = await live()
    await link.says({ type: 'detached', session: 's', reason })
    await clock.advance(60_000)
    expect(s.state.failure).toMatchObject({ code })
    expect(attaches(link)).toHaveLength(2)
  })
}

for (const code of ['session_not_found', 'session_expired', 'forbidden'] as const) {
  test(`refused as ${code} is a failure, and not tried again`, async () => {
    const { client, clock, welcomed } = setStage()
    const session = client.session('x')
    const link = await welcomed()
    const attach = await link.hears('attach')
    await link.says({ type: 'refused', id: attach.id, session: 'x', code, message: 'no' })
    await clock.advance(60_000)
    expect(session.state.failure).toMatchObject({ code, message: 'no' })
    expect(attaches(link)).toHaveLength(1)
  })
}

test('a failed session is not attached on the next link', async () => {
  const { link, s, welcomed } = await live()
  await link.says({ type: 'detached', session: 's', reason: 'superseded' })
  link.wire.cut()
  const next = await welcomed()
  expect(attaches(next)).toMatchObject([{ session: 't' }])
  expect(s.state.failure).toBeDefined()
})

test('retry follows a failed session again, from where it was', async () => {
  const { link, s, failures } = await live()
  await link.says({ type: 'detached', session: 's', reason: 'superseded' })
  expect(failures).toHaveLength(1)
  s.retry()
  const attach = await link.hears('attach')
  expect(attach).toMatchObject({ session: 's', cursor: cursor(3) })
  expect(s.state.failure).toBeUndefined()
  await link.says(resumed(attach.id, 's', 4), batch('s', 4))
  expect(s.state.custom).toEqual({ note: 4 })
})

test('retry of a session that has not failed does nothing', async () => {
  const { clock, link, s } = await live()
  s.retry()
  await clock.settle()
  expect(attaches(link)).toHaveLength(2)
})

test('retry dials where there is no link', async () => {
  const { client, clock, welcomed, links } = setStage()
  const session = client.session('x')
  const link = await welcomed()
  const attach = await link.hears('attach')
  await link.says({ type: 'refused', id: attach.id, code: 'forbidden', message: 'no' })
  link.wire.cut()
  await clock.advance(60_000)
  expect(links).toHaveLength(1)
  session.retry()
  expect(attaches(await welcomed())).toHaveLength(1)
})

test('a session is caught up when everything up to the head of its attach has been applied', async () => {
  const stage = await live()
  expect(stage.s.state.caughtUp).toBe(true)
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  expect(stage.s.state.caughtUp).toBe(true)
  await link.says(resumed(attach.id, 's', 5), batch('s', 4))
  expect(stage.s.state.caughtUp).toBe(false)
  await link.says(batch('s', 5))
  expect(stage.s.state.caughtUp).toBe(true)
})
