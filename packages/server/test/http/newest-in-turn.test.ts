import { expect, test } from 'vitest'
import { newestInTurn } from '../../src/http/newest-in-turn.ts'
import { turn } from '../manual-timers.ts'

/** Takes numbers, and is done with each when the test says so. */
function working() {
  const begun: number[] = []
  const replaced: number[] = []
  let done = () => {}
  const turns = newestInTurn<number>({
    work: (item) => {
      begun.push(item)
      return new Promise((resolve) => (done = resolve))
    },
    onReplaced: (item) => replaced.push(item),
  })
  return {
    begun,
    replaced,
    take: (...items: readonly number[]) => items.forEach((item) => turns.take(item)),
    finish: async () => {
      done()
      await turn()
    },
  }
}

test('one is taken at once, the next when that is done', async () => {
  const { take, finish, begun } = working()
  take(1, 2)
  expect(begun).toEqual([1])
  await finish()
  expect(begun).toEqual([1, 2])
})

test('of those that wait the newest has its turn, and the others are told so', async () => {
  const { take, finish, begun, replaced } = working()
  take(1, 2, 3, 4)
  await finish()
  expect(begun).toEqual([1, 4])
  expect(replaced).toEqual([2, 3])
})

test('what comes when nothing is under way any more is taken at once', async () => {
  const { take, finish, begun, replaced } = working()
  take(1)
  await finish()
  take(2)
  await finish()
  take(3)
  expect(begun).toEqual([1, 2, 3])
  expect(replaced).toEqual([])
})
