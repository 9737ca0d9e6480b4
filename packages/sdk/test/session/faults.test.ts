import { expect, test } from 'vitest'
import { batch, cursor, nextAttach, note, resumed, setTwoSessions, snapshot } from '../stage.ts'

test('a duplicate batch is dropped', async () => {
  const { s, link, log, links } = await setTwoSessions()
  await link.says(batch('s', 4), { ...batch('s', 4), events: [note(99)] })
  expect(s.state.custom).toEqual({ note: 4 })
  expect(log.at(-1)).toMatchObject({ type: 'duplicate', session: 's', from: 4, to: 4 })
  expect(links).toHaveLength(1)
})

test('a gap closes the link, and the next one attaches from the cursor', async () => {
  const stage = await setTwoSessions()
  await stage.link.says(batch('s', 4), batch('s', 6), batch('s', 7))
  expect(stage.link.closed()).toMatchObject({ code: 1000, reason: 'gap' })
  const { attach, link } = await nextAttach(stage)
  expect(attach.cursor).toBe(cursor(4))
  await link.says(resumed(attach.id, 's', 6), batch('s', 5), batch('s', 6))
  expect(stage.s.state).toMatchObject({ custom: { note: 6 }, caughtUp: true })
  expect(stage.log).toContainEqual(expect.objectContaining({ type: 'gap', session: 's', seq: 4, from: 6 }))
})

test('a merged batch that straddles the cursor is a gap', async () => {
  const stage = await setTwoSessions()
  await stage.link.says(batch('s', 6, [note(6)], 2))
  const { attach } = await nextAttach(stage)
  expect(attach.cursor).toBe(cursor(3))
  expect(stage.s.state.custom).toEqual({})
})

test('the cursor carries the mark of the batch that was applied last', async () => {
  const stage = await setTwoSessions()
  await stage.link.says({ ...batch('s', 4), mark: 'zzzzzzzzzz' })
  stage.link.wire.cut()
  expect((await nextAttach(stage)).attach.cursor).toBe('zzzzzzzzzz.4')
})

test('the head of an attach never becomes a cursor', async () => {
  const stage = await setTwoSessions()
  stage.link.wire.cut()
  const { attach, link } = await nextAttach(stage)
  await link.says(resumed(attach.id, 's', 50))
  link.wire.cut()
  expect((await nextAttach(stage)).attach.cursor).toBe(cursor(3))
})

test('the second fault at one cursor attaches without it, the third fails the session, and others go on', async () => {
  const stage = await setTwoSessions()
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
  const stage = await setTwoSessions()
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
  const stage = await setTwoSessions()
  stage.link.wire.cut()
  for (let index = 0; index < 4; index++) {
    const { attach, link } = await nextAttach(stage)
    expect(attach.cursor).toBe(cursor(3))
    link.wire.cut()
  }
  expect(stage.s.state.failure).toBeUndefined()
})

test('a malformed frame that names a session is a fault of that session', async () => {
  const stage = await setTwoSessions()
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
  const stage = await setTwoSessions()
  await stage.link.says('{"type":"welcome"')
  expect(stage.link.closed()).toMatchObject({ code: 1000 })
  const { attach } = await nextAttach(stage)
  expect(attach.cursor).toBe(cursor(3))
})

test('frames of unknown types are ignored', async () => {
  const { s, link } = await setTwoSessions()
  await link.says('{"type":"weather","session":"s","sunny":true}', batch('s', 4))
  expect(s.state.custom).toEqual({ note: 4 })
  expect(link.closed()).toBeUndefined()
})

test('a ping that names a seq above the replica is a gap', async () => {
  const stage = await setTwoSessions()
  await stage.link.says({ type: 'ping', n: 1, sent: { s: 4 } })
  expect(stage.link.closed()).toMatchObject({ reason: 'gap' })
  expect((await nextAttach(stage)).attach.cursor).toBe(cursor(3))
})

test('a ping that names the seq of the replica, or of a session whose attach is unanswered, is none', async () => {
  const stage = await setTwoSessions()
  await stage.link.says({ type: 'ping', n: 1, sent: { s: 3, t: 0, unknown: 9 } })
  expect(stage.link.closed()).toBeUndefined()
  stage.link.wire.cut()
  const { link } = await nextAttach(stage)
  await link.says({ type: 'ping', n: 1, sent: { s: 9 } })
  expect(link.closed()).toBeUndefined()
})
