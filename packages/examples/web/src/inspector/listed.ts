import type { InspectorRecord } from './record.ts'

/** A line of the list: one record, or several batches of one session as one. */
export interface Listed {
  readonly key: string
  readonly record: InspectorRecord
  /** How many records it stands for. */
  readonly times: number
}

const LONGEST_LIST = 150

/**
 * Adds a record at the front; a change of the connection's state only follows from what is listed. Batches that follow each other are told as one: at a hundred a second nobody reads them.
 */
export function addListed(list: readonly Listed[], record: InspectorRecord): readonly Listed[] {
  if (record.type === 'state') return list
  const [newest, ...rest] = list
  const joined = newest && join(newest.record, record)
  if (newest !== undefined && joined !== undefined) return [{ ...newest, record: joined, times: newest.times + 1 }, ...rest]
  const key = String(newest === undefined ? 0 : Number(newest.key) + 1)
  return [{ key, record, times: 1 }, ...list.slice(0, LONGEST_LIST - 1)]
}

function join(before: InspectorRecord, record: InspectorRecord): InspectorRecord | undefined {
  if (before.type === 'unseen' && record.type === 'unseen') {
    return before.session === record.session && before.lost === record.lost ? record : undefined
  }
  if (before.type !== 'batch' || record.type !== 'batch' || before.session !== record.session) return undefined
  if (before.merged || record.merged || before.to + 1 !== record.from) return undefined
  return { ...record, from: before.from, events: before.events + record.events }
}
