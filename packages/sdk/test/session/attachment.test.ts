import { expect, test } from 'vitest'
import { batch, cursor, nextAttach, note, resumed, setStage, setTwoSessions, snapshot, type StagedLink } from '../stage.ts'

const attaches = (link: StagedLink) => link.heard.filter(({ type }) => type === 'attach')

test('batches between an attach and its answer are ignored', async () => {
  const stage = await setTwoSessions()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says(batch('s', 4, [note(77)]))
  expect(stage.s.state.custom).toEqual({})
  await link.says(resumed(attach.id, 's', 4), batch('s', 4))
  expect(stage.s.state.custom).toEqual({ note: 4 })
})

test('the answer to an older attach is ignored', async () => {
  const stage = await setTwoSessions()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says(snapshot(stage.attachId, 's', 90, { custom: { note: 90 } }))
  expect(stage.s.state.custom).toEqual({})
  await link.says(resumed(attach.id, 's', 3))
  await link.says(snapshot(stage.attachId, 's', 90, { custom: { note: 90 } }))
  expect(stage.s.state.custom).toEqual({})
})

test('a further answer to the latest attach takes the place of what is there', async () => {
  const { s, link, attachId } = await setTwoSessions()
  await link.says(batch('s', 4), snapshot(attachId, 's', 90, { custom: { note: 90 } }), batch('s', 91))
  expect(s.state.custom).toEqual({ note: 91 })
})

test('frames of a link that was superseded are ignored', async () => {
  const stage = await setTwoSessions()
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

test('detached by the store, or refused with retryMs, is attached again with back-off', async () => {
  const { clock, link, s } = await setTwoSessions({ random: () => 0.5 })
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
  const { link, s } = await setTwoSessions({ random: () => 0.5 })
  await link.says({ type: 'detached', session: 's', reason: 'store' }, batch('s', 4))
  expect(s.state.custom).toEqual({})
})

test('waiting to attach again ends with the link, whose successor attaches at once', async () => {
  const stage = await setTwoSessions()
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
  ['superseded', 'superseded'],
  ['deleted', 'session_not_found'],
  ['forbidden', 'forbidden'],
  ['expired', 'session_expired'],
] as const) {
  test(`detached as ${reason} waits for the app, as ${code}`, async () => {
    const { clock, link, s } = await setTwoSessions()
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
  const { link, s, welcomed } = await setTwoSessions()
  await link.says({ type: 'detached', session: 's', reason: 'superseded' })
  link.wire.cut()
  const next = await welcomed()
  expect(attaches(next)).toMatchObject([{ session: 't' }])
  expect(s.state.failure).toBeDefined()
})

test('retry follows a failed session again, from where it was', async () => {
  const { link, s, failures } = await setTwoSessions()
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
  const { clock, link, s } = await setTwoSessions()
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
  const stage = await setTwoSessions()
  expect(stage.s.state.caughtUp).toBe(true)
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  expect(stage.s.state.caughtUp).toBe(true)
  await link.says(resumed(attach.id, 's', 5), batch('s', 4))
  expect(stage.s.state.caughtUp).toBe(false)
  await link.says(batch('s', 5))
  expect(stage.s.state.caughtUp).toBe(true)
})
