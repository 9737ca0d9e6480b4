import type { Store } from '../store/port.ts'
import type { Log } from './host-options.ts'
import type { Registry } from './registry.ts'

/** Loads all sessions that were under way when a server stopped: that repairs them. One that cannot be repaired keeps nobody else from serving. */
export async function repairSessions(store: Store, registry: Registry, log: Log | undefined): Promise<void> {
  const unsettled = await store.unsettled()
  for (const record of unsettled) {
    try {
      await registry.open(record)
    } catch (error) {
      log?.error({ err: error, session: record.id }, 'a session could not be repaired')
    }
  }
  if (unsettled.length > 0) log?.info({ sessions: unsettled.length }, 'sessions that were under way when the server stopped are repaired')
}
