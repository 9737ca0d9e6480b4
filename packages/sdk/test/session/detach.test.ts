import { expect, test } from 'vitest'
import { batch, setSession } from '../stage.ts'

test('a session that was detached says so in its state, also to who has read it before', async () => {
  const { session } = await setSession()
  expect(session.state.failure).toBe(undefined)
  session.detach()
  expect(session.state.failure?.code).toBe('closed')
})

test('detaching twice harms no successor of the same id', async () => {
  const { client, session } = await setSession()
  session.detach()
  const successor = client.session('s')
  const sent = successor.send('Hi').catch(() => 'rejected')
  session.detach()
  expect(client.session('s')).toBe(successor)
  expect(await Promise.race([sent, Promise.resolve('waiting')])).toBe('waiting')
})

test('detaching is told once, with the failure, and then nothing more', async () => {
  const { session, link } = await setSession()
  const told: unknown[] = []
  session.on('change', ({ failure }) => told.push(failure?.code))
  session.detach()
  session.detach()
  await link.says(batch('s', 1))
  expect(told).toEqual(['closed'])
})

test('who asks for the session again as soon as it is told that it was detached, gets another one', async () => {
  const { client, session } = await setSession()
  session.on('change', () => client.session('s'))
  session.detach()
  expect(client.followed('s')).not.toBe(session)
  expect(client.followed('s')?.state.failure).toBeUndefined()
})

test('a message that detaching rejects is not told as being on its way', async () => {
  const { session } = await setSession()
  session.send('Hi').catch(() => undefined)
  let messages: unknown
  session.on('change', (state) => {
    messages = state.messages
  })
  session.detach()
  expect(messages).toEqual([])
})
