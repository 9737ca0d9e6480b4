import { describe, expect, test } from 'vitest'
import { addListed, type Listed } from '../../../web/src/inspector/listed.ts'
import type { InspectorRecord } from '../../../web/src/inspector/record.ts'

function batch(from: number, to: number, merged = false, session = 's'): InspectorRecord {
  return { type: 'batch', session, from, to, events: to - from + 1, merged, replayed: false, at: to }
}

function listOf(...records: readonly InspectorRecord[]): readonly Listed[] {
  return records.reduce<readonly Listed[]>(addListed, [])
}

describe('the list of records', () => {
  test('batches that follow each other are one line', () => {
    const list = listOf(batch(1, 1), batch(2, 3), batch(4, 4))
    expect(list).toHaveLength(1)
    expect(list[0]).toMatchObject({ times: 3, record: { from: 1, to: 4, events: 4 } })
  })

  test.each([
    ['of another session', batch(2, 2, false, 'other')],
    ['that were merged', batch(2, 9, true)],
    ['after a hole', batch(5, 5)],
  ])('batches %s have a line of their own', (_, next) => {
    expect(listOf(batch(1, 1), next)).toHaveLength(2)
  })

  test('the newest stands first, each line keeps its key, and the oldest go', () => {
    const wakes = Array.from({ length: 200 }, (_, at): InspectorRecord => ({ type: 'wake', signal: 'focus', at }))
    const list = listOf(...wakes)
    expect(list[0]?.record.at).toBe(199)
    expect(list).toHaveLength(150)
    expect(new Set(list.map(({ key }) => key)).size).toBe(150)
  })
})
