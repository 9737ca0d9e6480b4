import { expect, test } from 'vitest'
import { setSession } from '../stage.ts'

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
