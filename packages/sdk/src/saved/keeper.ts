import type { CallServer } from '../call-server.ts'
import type { Clock } from '../clock.ts'
import type { Replica } from '../session/replica.ts'
import { keepCommands, type KeptCommands } from './kept-commands.ts'
import type { KeyValueStorage } from './key-value-storage.ts'
import { openSavedState } from './saved-state.ts'

/** Keeps the saved state of one user while a client lives. Nothing here rejects: a storage that fails is as good as none, and reported once. */
export interface Keeper {
  readonly commands: KeptCommands
  readonly loadReplica: (session: string) => Promise<Replica | undefined>
  /** Saves the replica that the function then gives, within two seconds. */
  readonly changed: (session: string, replica: () => Replica) => void
  /** Saves what has changed, of one session or of all, now. */
  readonly flush: (session?: string) => Promise<void>
  readonly recall: (name: string) => Promise<unknown>
  readonly remember: (name: string, value: unknown) => Promise<void>
  /** Removes all that is kept of this user, and keeps nothing more. */
  readonly clear: () => Promise<void>
}

/** What a keeper needs. */
export interface KeeperOptions {
  /** @default IndexedDB, whose code is loaded then */
  readonly storage?: KeyValueStorage | undefined
  readonly server: string
  readonly principal: string | undefined
  readonly clock: Clock
  readonly call: CallServer
  /** Takes the first error of the storage. */
  readonly onFailure: (error: unknown) => void
}

const SAVE_MS = 2_000

/** Begins to keep. Rejects where the code of the storage cannot be loaded. */
export async function openKeeper({ storage, server, principal, clock, call, onFailure }: KeeperOptions): Promise<Keeper> {
  const place = storage ?? (await import('./indexed-db-storage.ts')).indexedDbStorage()
  const saved = openSavedState({ storage: place, server, principal, now: () => clock.now() })
  const changes = new Map<string, () => Replica>()
  const underWay = new Set<Promise<unknown>>()
  const saving = new Set<string>()
  let finishing: Promise<void> | undefined
  let timer: unknown
  let hasFailed = false
  let hasSwept = false
  let isOver = false

  /** Removes what an earlier page has only begun to, before anything else is done: tried until it can be said that it is gone. */
  function finish(): Promise<void> {
    return (finishing ??= saved.finishClear().catch((error: unknown) => {
      finishing = undefined
      throw error
    }))
  }

  async function attempt<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
    if (isOver) return undefined
    const acting = finish().then(act)
    underWay.add(acting)
    try {
      return await acting
    } catch (error) {
      if (!hasFailed) onFailure(error)
      hasFailed = true
      return undefined
    } finally {
      underWay.delete(acting)
    }
  }

  async function flush(session?: string): Promise<void> {
    const due = [...changes].filter(([id]) => (session === undefined || id === session) && !saving.has(id))
    for (const [id] of due) changes.delete(id)
    plan()
    // Read now: the next moment it may be another user's, and a page that is being left has no next moment.
    await Promise.all(due.map(([id, replica]) => save(id, replica())))
    if (due.length > 0 && !hasSwept) {
      hasSwept = true
      await attempt(saved.sweep)
    }
  }

  /** One at a time of a session: of a storage that hangs, others would wait in memory, and an older one may have the last word. */
  async function save(session: string, replica: Replica): Promise<void> {
    saving.add(session)
    await attempt(() => saved.saveReplica(session, replica))
    saving.delete(session)
    plan()
  }

  /** Saves again a while after the last change, where there is any that can be saved. */
  function plan(): void {
    const isDue = !isOver && [...changes.keys()].some((id) => !saving.has(id))
    if (isDue) timer ??= clock.setTimeout(flushLater, SAVE_MS)
    else {
      clock.clearTimeout(timer)
      timer = undefined
    }
  }

  function flushLater(): void {
    timer = undefined
    void flush()
  }

  return {
    commands: keepCommands({ saved, attempt, call }),
    loadReplica: (session) => attempt(() => saved.loadReplica(session)),
    changed: (session, replica) => {
      if (isOver) return
      changes.set(session, replica)
      plan()
    },
    flush,
    recall: (name) => attempt(() => saved.recall(name)),
    remember: (name, value) => attempt(() => saved.remember(name, value)),
    clear: async () => {
      isOver = true
      changes.clear()
      clock.clearTimeout(timer)
      const begun = Promise.resolve().then(saved.beginClear)
      // What is being written would otherwise be there again afterwards.
      await Promise.allSettled([begun, ...underWay])
      await saved.clear().catch(onFailure)
    },
  }
}
