import { StoreError, type StoreErrorCode } from './store-error.ts'

/** What a result code of SQLite, or of the file system, means for a store. The first whose beginning fits counts. */
const MEANINGS: readonly (readonly [beginning: string, code: StoreErrorCode])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'read_only'],
  ['SQLITE_PERM', 'read_only'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_PROTOCOL', 'locked'],
  ['SQLITE_IOERR', 'unavailable'],
  ['SQLITE_CANTOPEN', 'unavailable'],
  ['ENOENT', 'unavailable'],
  ['ENOTDIR', 'unavailable'],
  ['EEXIST', 'unavailable'],
  ['ELOOP', 'unavailable'],
  ['ENAMETOOLONG', 'unavailable'],
  ['EIO', 'unavailable'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EROFS', 'read_only'],
  ['EACCES', 'read_only'],
  ['EPERM', 'read_only'],
]

const REMEDIES: Readonly<Record<StoreErrorCode, string>> = {
  full: 'there is no room. Free some, or delete sessions; nothing of this write was stored',
  read_only: 'it cannot be written. Give the server write access to the file and its directory',
  corrupt: 'it is damaged, or no SQLite database at all. Move it away, or restore it from a backup',
  locked: 'another process holds it. Stop that process; a store has its file for itself',
  unavailable: 'it cannot be reached. Check the path and the disk',
  too_new: 'a later version wrote it. Update the server',
  closed: 'it was closed',
  failed: 'SQLite failed',
}

/** What went wrong with a file, as a StoreError that says what to do. One that is a StoreError already stays as it is. */
export function storeErrorOf(cause: unknown, file: string): StoreError {
  if (cause instanceof StoreError) return cause
  const result = resultCodeOf(cause)
  const code = MEANINGS.find(([beginning]) => result.startsWith(beginning))?.[1] ?? 'failed'
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new StoreError(code, `${file}: ${REMEDIES[code]} (${result === '' ? '' : `${result}: `}${detail})`, { cause })
}

function resultCodeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
}
