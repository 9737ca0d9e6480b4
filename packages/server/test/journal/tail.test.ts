import { describe, expect, test } from 'vitest'
import { Tail } from '../../src/journal/tail.ts'
import { batchesOf, text } from './batches.ts'

function tailOf(batches: ReturnType<typeof batchesOf>, limits = { events: 1000, bytes: 1_000_000 }): Tail {
  const tail = new Tail(limits)
  for (const batch of batches) tail.push(batch)
  return tail
}

describe('the tail', () => {
  const batches = batchesOf([[text('a')], [text('b'), text('c')], [text('d')]])

  test('gives the batches after a seq', () => {
    expect(
      tailOf(batches)
        .after(1)
        ?.map(({ from }) => from),
    ).toEqual([2, 4])
  })

  test('gives the newest alone to a viewer that stands just before it', () => {
    expect(tailOf(batches).after(3)).toEqual([batches[2]])
  })

  test('gives nothing after the head', () => {
    expect(tailOf(batches).after(4)).toBeUndefined()
    expect(tailOf([]).after(0)).toBeUndefined()
  })

  test('gives nothing for a seq inside a batch', () => {
    expect(tailOf(batches).after(2)).toBeUndefined()
  })

  test('keeps the newest events up to its number, and lets the oldest batches go', () => {
    const tail = tailOf(batches, { events: 3, bytes: 1_000_000 })
    expect(tail.after(0)).toBeUndefined()
    expect(tail.after(1)?.map(({ from }) => from)).toEqual([2, 4])
  })

  test('keeps the newest bytes up to its budget', () => {
    const bytes = (batches[2]?.frame.length ?? 0) + 1
    const tail = tailOf(batches, { events: 1000, bytes })
    expect(tail.after(1)).toBeUndefined()
    expect(tail.after(3)).toEqual([batches[2]])
  })

  test('keeps the newest batch even where it alone is over the budget', () => {
    expect(tailOf(batches, { events: 1, bytes: 1 }).after(3)).toEqual([batches[2]])
  })

  test('is right after thousands of batches', () => {
    const many = batchesOf(Array.from({ length: 5000 }, () => [text('x')]))
    const tail = tailOf(many, { events: 100, bytes: 1_000_000 })
    expect(tail.after(4899)).toBeUndefined()
    expect(tail.after(4900)?.length).toBe(100)
    expect(tail.after(4950)?.length).toBe(50)
  })

  test('knows the mark of each batch that it keeps, and how much follows it', () => {
    const [, second, third] = batches.map(({ frame }) => frame.length)
    const tail = tailOf(batches)
    expect(tail.endingAt(1)).toEqual({ mark: batches[0]?.mark, bytesAfter: (second ?? 0) + (third ?? 0) })
    expect(tail.endingAt(4)).toEqual({ mark: batches[2]?.mark, bytesAfter: 0 })
  })

  test('knows no mark inside a batch, before what it keeps, or after the head', () => {
    expect(tailOf(batches).endingAt(2)).toBeUndefined()
    expect(tailOf(batches).endingAt(5)).toBeUndefined()
    expect(tailOf(batches).endingAt(0)).toBeUndefined()
    expect(tailOf(batches, { events: 1, bytes: 1_000_000 }).endingAt(3)).toBeUndefined()
  })
})
