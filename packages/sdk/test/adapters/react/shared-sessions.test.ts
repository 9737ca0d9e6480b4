import { expect, test } from 'vitest'
import { LINGER_MS, shareSessions } from '../../../src/adapters/react/shared-sessions.ts'
import type { Session } from '../../../src/index.ts'
import { testClock } from '../../../src/testing/index.ts'
import { batch, runStarted, setSession } from '../../stage.ts'

/** A client that follows `s`, and sessions that components share, on a clock of their own: the link's stands still. */
async function setShared() {
  const { client, link, session } = await setSession()
  const clock = testClock()
  const shared = shareSessions(clock.timers)
  return {
    client,
    link,
    session,
    shared,
    clock,
    linger: (ms = LINGER_MS) => clock.advance(ms),
    detached: () => link.heard.filter(({ type }) => type === 'detach').length,
    /** A component shows the session `s` of the client. */
    mount: () => {
      shared.follow(client, 's')
      return shared.show(session)
    },
  }
}

test('a session is detached a while after the last component that shows it has gone', async () => {
  const { client, session, shared, linger, detached, mount } = await setShared()
  const endOne = mount()
  const endOther = mount()
  endOne()
  await linger()
  expect([detached(), shared.peek(client, 's')]).toEqual([0, session])
  endOther()
  await linger(LINGER_MS - 1)
  expect(detached()).toBe(0)
  await linger(1)
  expect([detached(), shared.peek(client, 's')]).toEqual([1, undefined])
})

test('a component that comes back in time keeps it', async () => {
  const { clock, linger, detached, mount } = await setShared()
  mount()()
  await linger(LINGER_MS - 1)
  const end = mount()
  await linger()
  expect(detached()).toBe(0)
  end()
  await linger()
  expect([detached(), clock.pending]).toEqual([1, 0])
})

test('one that comes back later follows it anew', async () => {
  const { client, session, shared, linger, mount } = await setShared()
  mount()()
  await linger()
  shared.follow(client, 's')
  expect(shared.peek(client, 's')).not.toBe(session)
  expect(shared.peek(client, 's')).toBe(client.session('s'))
})

test('what is followed and never shown, since its component failed, is detached as well', async () => {
  const { client, shared, linger, detached } = await setShared()
  shared.follow(client, 's')
  await linger()
  expect(detached()).toBe(1)
})

test('a session that the app follows is not detached for a component that was given it', async () => {
  const { session, shared, linger, detached } = await setShared()
  shared.show(session)()
  await linger()
  expect(detached()).toBe(0)
})

test('a session that such a component still shows is not detached either', async () => {
  const { session, shared, linger, detached, mount } = await setShared()
  const end = shared.show(session)
  mount()()
  await linger()
  expect(detached()).toBe(0)
  end()
  await linger()
  expect(detached()).toBe(1)
})

test.each([
  ['message', (session: Session) => session.send('Hi')],
  ['answer', (session: Session) => session.answer('i1', 'Rome')],
  ['stop', (session: Session) => session.stop()],
  ['message that is taken back', (session: Session) => session.unqueue('u1')],
] as const)('of a component that has gone, no %s is lost that still waits', async (_, give) => {
  const { client, session, link, shared, linger, detached, mount } = await setShared()
  await link.says(batch('s', 1, [runStarted('r1')]))
  const end = mount()
  const settled = give(session)
  end()
  await linger()
  expect([detached(), shared.peek(client, 's')]).toEqual([0, session])

  const id = link.heard.flatMap((frame) => ('session' in frame && 'id' in frame ? [frame.id] : [])).at(-1) ?? ''
  await link.says({ type: 'accepted', id, result: {} })
  await settled
  await linger()
  expect([detached(), shared.peek(client, 's')]).toEqual([1, undefined])
})

test('what the app has detached by itself is left alone, and so is its successor', async () => {
  const { client, session, shared, linger, mount } = await setShared()
  const end = mount()
  session.detach()
  const successor = client.session('s')
  shared.follow(client, 's')
  const endSuccessor = shared.show(successor)
  end()
  await linger()
  expect(client.session('s')).toBe(successor)
  expect(shared.peek(client, 's')).toBe(successor)
  endSuccessor()
  await linger()
  expect(shared.peek(client, 's')).toBe(undefined)
})

test('sessions of one id at two servers are two', async () => {
  const [one, other] = [await setShared(), await setShared()]
  one.shared.follow(one.client, 's')
  expect(one.shared.peek(other.client, 's')).toBe(other.session)
})
