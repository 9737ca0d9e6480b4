import { expect, test } from 'vitest'
import { batch, note, reattached, setSession, snapshot } from '../stage.ts'

test('each event is told once, after the state has it, with its seq', async () => {
  const { session, link } = await setSession()
  const told: unknown[] = []
  session.on('event', (event, { seq, replayed }) => told.push([event.type, seq, replayed, session.state.custom['note']]))
  await link.says(batch('s', 2, [note(1), note(2)]), batch('s', 2, [note(1), note(2)]), batch('s', 3))
  expect(told).toEqual([
    ['CUSTOM', 1, false, 2],
    ['CUSTOM', 2, false, 2],
    ['CUSTOM', 3, false, 3],
  ])
})

test('the events of a merged batch have its last seq', async () => {
  const { session, link } = await setSession()
  const seqs: number[] = []
  session.on('event', (_, { seq }) => seqs.push(seq))
  await link.says(batch('s', 9, [note(8), note(9)], 1))
  expect(seqs).toEqual([9, 9])
})

test('events up to the head of the attach are replayed, later ones are not', async () => {
  const stage = await setSession()
  const told: unknown[] = []
  stage.session.on('event', (_, { seq, replayed }) => told.push([seq, replayed]))
  const next = await reattached(stage, 2)
  await next.says(batch('s', 1), batch('s', 2), batch('s', 3))
  expect(told).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ])
})

test('what a snapshot covers is told as a reset, with its reason', async () => {
  const stage = await setSession()
  expect(stage.session.state.custom).toEqual({})
  const resets: unknown[] = []
  stage.session.on('reset', (reason) => resets.push([reason, stage.session.state.custom]))
  stage.link.wire.cut()
  const next = await stage.welcomed()
  const { id } = await next.hears('attach')
  await next.says({ ...(snapshot(id, 's', 40, { custom: { note: 40 } }) as object), reason: 'mark_mismatch' } as never)
  expect(resets).toEqual([['mark_mismatch', { note: 40 }]])
})

test('change is told once a batch, with the state', async () => {
  const { session, link } = await setSession()
  const changes: unknown[] = []
  session.on('change', (state) => changes.push(state))
  await link.says(batch('s', 3, [note(1), note(2), note(3)]))
  expect(changes).toHaveLength(1)
  expect(changes[0]).toBe(session.state)
})

test('the state is the same object until something changes', async () => {
  const { session, link } = await setSession()
  const before = session.getState()
  expect(session.getState()).toBe(before)
  await link.says({ type: 'ping', n: 1, sent: { s: 0 } })
  expect(session.getState()).toBe(before)
  await link.says(batch('s', 1))
  expect(session.getState()).not.toBe(before)
})

test('subscribe and getState can be passed on without their session', async () => {
  const { session, link } = await setSession()
  const { subscribe, getState } = session
  let calls = 0
  const stop = subscribe(() => calls++)
  await link.says(batch('s', 1))
  stop()
  await link.says(batch('s', 2))
  expect(calls).toBe(1)
  expect(getState().custom).toEqual({ note: 2 })
})

test('a listener that throws is reported, and harms neither the others nor the session', async () => {
  const { client, session, link } = await setSession()
  const errors: unknown[] = []
  const seen: number[] = []
  client.on('error', (error) => errors.push(error))
  const failure = new Error('in the app')
  session.on('event', () => {
    throw failure
  })
  session.on('event', (_, { seq }) => seen.push(seq))
  await link.says(batch('s', 1), batch('s', 2))
  expect(errors).toEqual([failure, failure])
  expect(seen).toEqual([1, 2])
  expect(session.state.custom).toEqual({ note: 2 })
  expect(link.closed()).toBeUndefined()
})

test('a listener may detach its session in the middle of a batch', async () => {
  const { session, link } = await setSession()
  const seqs: number[] = []
  session.on('event', (_, { seq }) => {
    seqs.push(seq)
    session.detach()
  })
  await link.says(batch('s', 2, [note(1), note(2)]), batch('s', 3))
  expect(seqs).toEqual([1])
})
