import type { ListQuery, SessionRecord } from '../store/port.ts'
import { Refusal } from './refusal.ts'

/** A place in a list of sessions, to go on from: `<updatedAt>.<id>` of the last one that was given. */
export function placeAfter({ id, updatedAt }: Pick<SessionRecord, 'id' | 'updatedAt'>): string {
  return `${updatedAt}.${id}`
}

/**
 * Reads a place; a bare `<updatedAt>` is before all sessions of that time.
 *
 * @throws Refusal `invalid`
 */
export function readPlace(text: string): NonNullable<ListQuery['before']> {
  const [, updatedAt, id] = /^(\d{1,15})(?:\.(.+))?$/s.exec(text) ?? []
  if (updatedAt === undefined) throw new Refusal('invalid', 'a list goes on before the `next` of an earlier answer, or before an updatedAt')
  return { updatedAt: Number(updatedAt), ...(id !== undefined && { id }) }
}
