import { expect, test } from 'vitest'
import { pullAgent, type PullAgentOptions } from '../../../src/session/execution/pull-agent.ts'
import { turn } from '../../manual-timers.ts'
import { gate } from '../gate.ts'

function pulling(call: PullAgentOptions['call']) {
  const seen: unknown[] = []
  const pull = pullAgent({
    call,
    room: () => undefined,
    onYield: (value) => seen.push(value),
    onReturn: () => seen.push('returned'),
    onThrow: (error) => seen.push(error),
    turn,
  })
  return { pull, seen }
}

test('an agent that was closed is heard no more, whether it yields, returns or throws', async () => {
  const ends = [
    async function* () {
      yield 'late'
    },
    async function* () {
      yield* []
    },
    async function* () {
      yield* []
      throw new Error('late')
    },
  ]
  for (const end of ends) {
    const later = gate()
    const { pull, seen } = pulling(async function* () {
      yield 'first'
      await later.opened
      yield* end()
    })
    await turn()
    pull.close()
    later.open()
    await pull.returned
    expect(seen).toEqual(['first'])
  }
})

test('an iterator of any make is closed at once, also while it is asked for more', async () => {
  const later = gate()
  let isClosed = false
  const { pull } = pulling(() => ({
    [Symbol.asyncIterator]: () => ({
      next: () => later.opened.then(() => ({ done: true, value: undefined })),
      return: async () => {
        isClosed = true
        return { done: true, value: undefined }
      },
    }),
  }))
  await turn()
  pull.close()
  expect(isClosed).toBe(true)
  later.open()
  await pull.returned
})

test('an agent that is not called has returned', async () => {
  const { pull, seen } = pulling(() => undefined)
  await pull.returned
  expect(seen).toEqual([])
})
