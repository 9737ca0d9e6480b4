import { expect, test } from 'vitest'
import { idMint } from '../src/id-mint.ts'
import { isClientId } from '../src/protocol/index.ts'

test('ids are such as a client may mint, and no two are the same', () => {
  const one = idMint(Math.random)
  const two = idMint(Math.random)
  const ids = Array.from({ length: 100 }, () => [one(), two()]).flat()
  expect(new Set(ids).size).toBe(200)
  expect(ids.every(isClientId)).toBe(true)
})

test('an unlucky random number still makes ids', () => {
  for (const unlucky of [0, 0.5, 1 - Number.EPSILON]) {
    const mint = idMint(() => unlucky)
    expect(isClientId(mint())).toBe(true)
    expect(mint()).not.toBe(mint())
  }
})
