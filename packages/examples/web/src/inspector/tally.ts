import type { InspectorRecord } from './record.ts'

/** How often each thing happened since the page was loaded. */
export interface Tally {
  readonly events: number
  readonly batches: number
  readonly merged: number
  readonly duplicates: number
  readonly gaps: number
  readonly links: number
  readonly resumes: number
  readonly snapshots: number
  readonly resends: number
}

/** Nothing has happened yet. */
export const NO_TALLY: Tally = { events: 0, batches: 0, merged: 0, duplicates: 0, gaps: 0, links: 0, resumes: 0, snapshots: 0, resends: 0 }

/** Counts one record. */
export function countRecord(tally: Tally, record: InspectorRecord): Tally {
  switch (record.type) {
    case 'batch':
      return {
        ...tally,
        events: tally.events + record.to - record.from + 1,
        batches: tally.batches + 1,
        merged: tally.merged + (record.merged ? 1 : 0),
      }
    case 'duplicate':
      return { ...tally, duplicates: tally.duplicates + 1 }
    case 'gap':
      return { ...tally, gaps: tally.gaps + 1 }
    case 'welcome':
      return { ...tally, links: tally.links + 1 }
    case 'attached':
      return record.resumed ? { ...tally, resumes: tally.resumes + 1 } : { ...tally, snapshots: tally.snapshots + 1 }
    case 'resend':
      return { ...tally, resends: tally.resends + 1 }
    default:
      return tally
  }
}
