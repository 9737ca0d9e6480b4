import type { BatchFrame, SessionEvent } from '@throughline/sdk/protocol'
import type { Store } from '../store/port.ts'
import { eventRepair } from './execution/repair-events.ts'

/** How many bytes of rows are read at once. */
const READ_BYTES = 1024 * 1024

/** What closes the parts that a run left open whose execution is lost, as events: read from the journal, since nothing else is left of it. */
export async function closersOf(store: Store, session: string, run: string, now: number): Promise<readonly SessionEvent[]> {
  const bounds = await store.bounds(session)
  let parts: ReturnType<typeof eventRepair> | undefined
  for (let after = bounds?.folded ?? 0; after < (bounds?.head ?? 0);) {
    const batches = await store.read(session, after, READ_BYTES)
    const last = batches.at(-1)
    if (last === undefined) break
    after = last.to
    for (const event of batches.flatMap(({ frame }) => (JSON.parse(frame.toString()) as BatchFrame).events)) {
      // Where the run's beginning was folded away already, what is left of it must do.
      if (event.type === 'RUN_STARTED') parts = event.runId === run ? openParts() : undefined
      else (parts ??= openParts()).repair(event)
    }
  }
  const closers = parts?.suspend({ kind: 'error', message: 'interrupted' }) ?? []
  return closers.map((event) => ({ ...event, timestamp: now }))
}

function openParts() {
  let minted = 0
  return eventRepair({ messages: [], isTaken: () => false, newId: () => `interrupted.${(minted += 1)}` })
}
