import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Keeper } from './saved/keeper.ts'
import type { KeyValueStorage } from './saved/key-value-storage.ts'
import type { SavedCommand, SavedPort } from './session/saved-port.ts'

/** Saved state as the client uses it. */
export interface Saved extends SavedPort {
  /** Says whose it is: before that nothing is read or written. What was kept of another before is removed. */
  readonly own: (principal: string) => void
  /** Saves now what has changed. */
  readonly flush: () => void
  readonly recall: (name: string) => Promise<unknown>
  readonly remember: (name: string, value: unknown) => Promise<void>
  /** Removes what is kept of the user; of all users of this server, where it is not known who it is. */
  readonly clear: () => Promise<void>
}

/** What keeping needs. */
export interface KeepSavedOptions {
  /** @default IndexedDB where there is one, else none */
  readonly storage: KeyValueStorage | false | undefined
  /** Whose state it is beside the user's. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly log: () => Log
  /** Takes the commands of an earlier page, as soon as they are known. */
  readonly onCommands: (commands: readonly SavedCommand[]) => void
}

/** The code that does it, which many clients never need. */
const code = () => import('./saved/keeper.ts')

// A storage may hang for ever, and nobody should wait for that.
const LOAD_MS = 300
const CLEAR_MS = 2_000

/** Begins to keep what is saved, or does not where there is no storage. The code that does it is loaded once it is known whose state it is. */
export function keepSaved({ storage, baseUrl, clock, log, onCommands }: KeepSavedOptions): Saved | undefined {
  if (storage === false || (!storage && !('indexedDB' in globalThis))) return undefined
  let owner: string | undefined
  let opening: Promise<Keeper | undefined> | undefined
  let taken: Promise<void> | undefined
  let keeper: Keeper | undefined
  let tellKnown: (() => void) | undefined
  const known = new Promise<void>((resolve) => {
    tellKnown = resolve
  })
  const onFailure = (error: unknown) => log()?.({ type: 'unsaved', reason: String(error) })

  async function open(principal: string | undefined): Promise<Keeper | undefined> {
    try {
      const { openKeeper } = await code()
      return openKeeper({ storage: storage || undefined, server: baseUrl, principal, clock, onFailure })
    } catch (error) {
      onFailure(error)
      return undefined
    }
  }

  async function takeCommands(from: Promise<Keeper | undefined>): Promise<void> {
    const opened = await from
    if (opening === from) keeper = opened
    const commands = await opened?.loadCommands()
    if (commands && opening === from) onCommands(commands)
  }

  /** The keeper of who is the user now, or, where that is not known, of the first one. */
  function whose(): Promise<Keeper | undefined> {
    const now = opening
    return known.then(() => now ?? opening)
  }

  /** What is asked of the keeper, once it is known whose; waited for so long. */
  async function ask(ms: number, act: (keeper: Keeper) => Promise<unknown>): Promise<void> {
    const asking = opening
    await known
    const asked = Promise.all([(asking ?? opening)?.then((opened) => opened && act(opened)), taken])
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms)
      void asked.finally(() => {
        clock.clearTimeout(timer)
        resolve()
      })
    })
  }

  return {
    own: (principal) => {
      if (principal === owner) return
      owner = principal
      void opening?.then((before) => before?.clear())
      keeper = undefined
      opening = open(principal)
      taken = takeCommands(opening)
      tellKnown?.()
    },
    load: (session, found) => {
      // Begun before it is known whose, so that it need not be waited for then; a failure is told when it matters.
      code().catch(() => undefined)
      return ask(LOAD_MS, async (from) => {
        const replica = await from.loadReplica(session)
        if (replica && keeper === from) found(replica)
      })
    },
    changed: (session, replica) => keeper?.changed(session, replica),
    leave: (session) => void keeper?.flush(session),
    put: (command) => ask(LOAD_MS, (into) => into.putCommand(command)),
    // Never before it was put.
    drop: (command) => void whose().then((from) => from?.dropCommand(command)),
    isKept: async (command) => {
      let isKept = true
      await ask(LOAD_MS, async (by) => {
        isKept = await by.hasCommand(command)
      })
      return isKept
    },
    flush: () => void keeper?.flush(),
    recall: async (name) => {
      const from = await whose()
      const value = await from?.recall(name)
      // What is read slowly may be another's by now.
      return keeper === from ? value : undefined
    },
    remember: async (name, value) => (await whose())?.remember(name, value),
    clear: async () => {
      opening ??= open(undefined)
      tellKnown?.()
      await ask(CLEAR_MS, (from) => from.clear())
    },
  }
}
