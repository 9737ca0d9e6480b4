import type { Store } from '../store/port.ts'
import type { Journal } from './journal.ts'

/** How many bytes of rows a journal keeps. */
const KEPT_BYTES = 8 * 1024 * 1024

/** Rows younger than this are kept: a phone in a pocket comes back to its cursor. */
const KEPT_MS = 60 * 60 * 1000

/** How many bytes are looked at in one read. */
const READ_BYTES = 1024 * 1024

/**
 * Deletes the oldest rows of a journal that keeps too many, as far as the stored snapshot (through `storedSeq`) covers them. Rows younger
 * than an hour go only where one run alone has more than the journal may keep: an agent that talks for ever must not fill the disk.
 */
export async function foldOldRows(store: Store, session: string, journal: Journal, storedSeq: number, now: number): Promise<void> {
  const { bytes, folded } = journal.bounds
  const spareYoung = journal.runBytes <= KEPT_BYTES
  let surplus = bytes - KEPT_BYTES
  let through = folded
  let after = folded
  while (surplus > 0) {
    const batches = await store.read(session, after, READ_BYTES)
    const foldable = batches.filter((batch) => batch.to <= storedSeq && !(spareYoung && batch.at > now - KEPT_MS))
    for (const batch of foldable) {
      if (surplus <= 0) break
      surplus -= batch.frame.length
      through = batch.to
    }
    after = batches.at(-1)?.to ?? after
    if (foldable.length === 0 || foldable.length < batches.length) break
  }
  if (through > folded) await journal.fold(through)
}
