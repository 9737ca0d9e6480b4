import type { NewSession, RecordChange, SessionRecord } from './port.ts'

/** The catalogue row of a new session. */
export function newRecord({ id, owner, key, title, agent, birth, createdAt }: NewSession): SessionRecord {
  return {
    id,
    owner,
    ...(key !== undefined && { key }),
    ...(title !== undefined && { title }),
    ...(agent !== undefined && { agent }),
    status: 'idle',
    birth,
    createdAt,
    updatedAt: createdAt,
  }
}

/** The row after a change. What the change leaves open stays as it was. */
export function changedRecord(record: SessionRecord, { title, agent, status, last, updatedAt }: RecordChange): SessionRecord {
  return {
    ...record,
    ...(title !== undefined && { title }),
    ...(agent !== undefined && { agent }),
    ...(status !== undefined && { status }),
    ...(last !== undefined && { last }),
    ...(updatedAt !== undefined && { updatedAt }),
  }
}
