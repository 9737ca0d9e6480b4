/**
 * A place in one session's journal: `<mark>.<seq>`, the mark of the batch that ends at seq. Opaque to apps; everything up to it
 * has been applied. A journal that lost or changed anything cannot match it.
 */
export type Cursor = string

/** Ten random characters of `[A-Za-z0-9_-]`, minted with each append (and at a session's birth, for seq 0). */
export type Mark = string

const CURSOR = /^([A-Za-z0-9_-]{10})\.(\d{1,15})$/

/** The cursor of the batch that ends at `seq` under `mark`. */
export function formatCursor(mark: Mark, seq: number): Cursor {
  return `${mark}.${seq}`
}

/** Takes a cursor apart; undefined where the text is none. */
export function parseCursor(text: string): { readonly mark: Mark; readonly seq: number } | undefined {
  const [, mark, seq] = CURSOR.exec(text) ?? []
  return mark === undefined || seq === undefined ? undefined : { mark, seq: Number(seq) }
}

/** Whether a value is a cursor. */
export function isCursor(value: unknown): boolean {
  return typeof value === 'string' && parseCursor(value) !== undefined
}
