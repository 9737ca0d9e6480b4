import { describe, expect, test } from 'vitest'
import { addToLanes, emptyLanes, forgetBefore, type Lanes } from '../../../web/src/inspector/lanes.ts'
import type { InspectorRecord } from '../../../web/src/inspector/record.ts'

function lanesOf(...records: readonly InspectorRecord[]): Lanes {
  const lanes = emptyLanes()
  for (const record of records) addToLanes(lanes, record)
  return lanes
}

const attached = { type: 'attached', session: 's', resumed: true, head: 10, seq: 4, at: 1 } as const
const batch = { type: 'batch', session: 's', from: 5, to: 10, events: 6, merged: false, replayed: true, at: 2 } as const

describe('lanes', () => {
  test('an attach sets the head, and a batch moves the cursor to it', () => {
    expect(lanesOf(attached, batch).sessions.get('s')?.points).toEqual([
      { at: 1, cursor: 4, head: 10 },
      { at: 2, cursor: 10, head: 10 },
    ])
  })

  test('what was shown from storage is where a session stands until the server is heard', () => {
    const lane = lanesOf({ type: 'painted', session: 's', seq: 4, at: 0 }, { ...attached, head: 9 }).sessions.get('s')
    expect(lane?.points).toEqual([
      { at: 0, cursor: 4, head: 4 },
      { at: 1, cursor: 4, head: 9 },
    ])
    expect(lane?.marks.map(({ type }) => type)).toEqual(['painted', 'attached'])
  })

  test('what was swallowed or held back moves the head alone', () => {
    const lane = lanesOf(attached, { type: 'unseen', session: 's', to: 30, lost: true, at: 3 }).sessions.get('s')
    expect(lane?.points.at(-1)).toEqual({ at: 3, cursor: 4, head: 30 })
  })

  test('a state lasts until the next one', () => {
    const { states } = lanesOf({ type: 'state', status: 'live', at: 1 }, { type: 'state', status: 'waiting', at: 5 })
    expect(states).toEqual([
      { name: 'live', from: 1, to: 5 },
      { name: 'waiting', from: 5 },
    ])
  })

  test('each switch has its own time', () => {
    const { switches } = lanesOf(
      { type: 'switch', name: 'hole', on: true, at: 1 },
      { type: 'switch', name: 'stall', on: true, at: 2 },
      { type: 'switch', name: 'hole', on: false, at: 3 },
    )
    expect(switches).toEqual([
      { name: 'hole', from: 1, to: 3 },
      { name: 'stall', from: 2 },
    ])
  })

  test('forgetting keeps where a session stood when the window began', () => {
    const lanes = lanesOf(attached, batch)
    forgetBefore(lanes, 100)
    const lane = lanes.sessions.get('s')
    expect(lane?.points).toEqual([{ at: 2, cursor: 10, head: 10 }])
    expect(lane?.batches).toEqual([])
    expect(lane?.marks).toEqual([])
  })
})
