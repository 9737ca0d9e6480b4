import fc from 'fast-check'
import { expect, test } from 'vitest'
import { repositioned } from '../../src/layout/repositioned.ts'

const placed = (...positions: number[]) => positions.map((position, index) => ({ id: `s${index}`, position }))

test('between two others it is between their positions, and only it changes', () => {
  expect(repositioned(placed(0, 1, 2), 's2', 1)).toEqual([{ id: 's2', position: 0.5 }])
})

test('at an end it is one beyond', () => {
  expect(repositioned(placed(0, 1, 2), 's2', 0)).toEqual([{ id: 's2', position: -1 }])
  expect(repositioned(placed(0, 1, 2), 's0', 99)).toEqual([{ id: 's0', position: 3 }])
})

test('where there is no room, all get a place of their own', () => {
  expect(repositioned(placed(0, 0, 0), 's2', 1)).toEqual([
    { id: 's2', position: 1 },
    { id: 's1', position: 2 },
  ])
})

test('one that is not there moves nothing', () => {
  expect(repositioned(placed(0, 1), 'x', 0)).toEqual([])
})

test('whatever the positions, it comes to stand at the index, and the others keep their order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.nat(7),
      fc.nat(7),
      (positions, which, index) => {
        const ordered = placed(...positions.toSorted((a, b) => a - b))
        const { id } = ordered[which % ordered.length] ?? { id: '' }
        const changes = new Map(repositioned(ordered, id, index).map((change) => [change.id, change.position]))
        const after = ordered
          .map((one) => ({ ...one, position: changes.get(one.id) ?? one.position }))
          .toSorted((a, b) => a.position - b.position)
        const others = ordered.filter((one) => one.id !== id).map((one) => one.id)
        const at = Math.min(index, others.length)
        const wanted = others.toSpliced(at, 0, id)
        // Others that share a position may stand in either order, as before.
        expect(after.map((one) => one.id).indexOf(id)).toBe(wanted.indexOf(id))
      },
    ),
  )
})
