import type { SessionEntry } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { openInOrder, positionAfterMove } from '../../../web/src/layout/positions.ts'

function entry(id: string, position: number, open = true): SessionEntry {
  return { id, status: 'idle', open, position, createdAt: 0, updatedAt: 0 }
}

const three = [entry('a', 1), entry('b', 2), entry('c', 4)]

describe('the order of the layout', () => {
  test('open sessions stand by position, the older first where it is the same', () => {
    const entries = [entry('late', 2), { ...entry('early', 2), createdAt: -1 }, entry('first', 1), entry('closed', 0, false)]
    expect(openInOrder(entries).map(({ id }) => id)).toEqual(['first', 'early', 'late'])
  })

  test.each([
    ['a', 1, 3],
    ['b', 1, 5],
    ['c', -1, 1.5],
    ['b', -1, 0],
  ] as const)('%s moved by %i goes to %d', (id, by, position) => {
    expect(positionAfterMove(three, id, by)).toBe(position)
  })

  test('at its end of the row a session stays where it is', () => {
    expect(positionAfterMove(three, 'a', -1)).toBeUndefined()
    expect(positionAfterMove(three, 'c', 1)).toBeUndefined()
    expect(positionAfterMove(three, 'unknown', 1)).toBeUndefined()
  })
})
