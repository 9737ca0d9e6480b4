import { expect, test } from 'vitest'
import { hosting } from './hosting.ts'

const LIMITS = { messageBytes: 200 }

test('a message over its limit is refused, and has no effect', async () => {
  const { send, status } = await hosting({ limits: LIMITS })
  await expect(send('x'.repeat(200))).rejects.toMatchObject({ code: 'too_large' })
  expect(await status()).toBe('idle')
})

test('it is measured in encoded bytes, not in characters', async () => {
  const { send } = await hosting({ limits: LIMITS })
  await expect(send('é'.repeat(100))).rejects.toMatchObject({ code: 'too_large' })
  await expect(send('e'.repeat(100))).resolves.toHaveProperty('run')
})

test('so is the payload of an answer', async () => {
  const { command } = await hosting({ limits: LIMITS })
  const answer = (payload: string) => command({ type: 'answer', interrupt: 'i', status: 'resolved', payload })
  await expect(answer('x'.repeat(199))).rejects.toMatchObject({ code: 'too_large' })
  // Two quotes belong to it.
  await expect(answer('x'.repeat(198))).rejects.toMatchObject({ code: 'interrupt_closed' })
})
