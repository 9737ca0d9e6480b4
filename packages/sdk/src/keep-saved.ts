import type { CallServer } from './call-server.ts'
import type { Clock } from './clock.ts'
import { SessionError } from './errors.ts'
import type { Log } from './log.ts'
import type { Keeper } from './saved/keeper.ts'
import type { KeyValueStorage } from './saved/key-value-storage.ts'
import type { Replica } from './session/replica.ts'
import type { CommandVerdict, SavedCommand, SavedPort } from './session/saved-port.ts'

/** Saved state as the client uses it. */
export interface Saved extends SavedPort {
  /**
   * Says whose it is, as often as that is heard: before that nothing is read or written. What was kept of another before is removed; code that
   * could not be loaded before is loaded again.
   */
  readonly own: (principal: string) => void
  /** Saves now what has changed. */
  readonly flush: () => void
  readonly recall: (name: string) => Promise<unknown>
  readonly remember: (name: string, value: unknown) => Promise<void>
  /**
   * Removes what is kept of the user; of all users of this server, where it is not known who it is. Rejects with `unreachable`, and removes nothing,
   * where the code that does it cannot be loaded.
   */
  readonly clear: () => Promise<void>
  /** Nobody will say any more whose it is: whoever waits for that is let go. */
  readonly close: () => void
}

/** What keeping needs. */
export interface KeepSavedOptions {
  /** @default IndexedDB where there is one, else none */
  readonly storage: KeyValueStorage | false | undefined
  /** Whose state it is beside the user's. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly call: CallServer
  readonly log: () => Log
  /** Takes the commands of an earlier page, as soon as they are known. */
  readonly onCommands: (commands: readonly SavedCommand[]) => void
}

/** The time of one user. What is asked in it is not answered in the next one's. */
interface Tenure {
  /** Undefined where all are meant, since nobody has been named. */
  readonly principal: string | undefined
  readonly opened: Promise<Keeper | undefined>
  /** Settles when the commands of an earlier page have been given away. */
  readonly taken: Promise<void>
  /** What is told to it is told now; undefined while it is being opened, or where it cannot be. */
  keeper?: Keeper
}

/** The code that does it, which many clients never need. */
const code = () => import('./saved/keeper.ts')

/** What cannot be said in time keeps no command back. */
const SEND: CommandVerdict = { kind: 'send' }

// A storage may hang for ever, and nobody should wait for that.
const LOAD_MS = 300
const SLOW_MS = 2_000
// What the server has to be asked for, and nobody waits for.
const LOOK_MS = 60_000

/** Begins to keep what is saved, or does not where there is no storage. The code that does it is loaded once it is known whose state it is. */
export function keepSaved({ storage, baseUrl, clock, call, log, onCommands }: KeepSavedOptions): Saved | undefined {
  if (storage === false || (!storage && !('indexedDB' in globalThis))) return undefined
  let current: Tenure | undefined
  /** What changed while there is no keeper; the last of each session counts. */
  const early = new Map<string, () => Replica>()
  let tellKnown: (() => void) | undefined
  const known = new Promise<void>((resolve) => {
    tellKnown = resolve
  })

  function onFailure(error: unknown): undefined {
    log()?.({ type: 'unsaved', reason: String(error) })
  }

  function begin(principal: string | undefined, before?: Promise<unknown>): Tenure {
    const opened = open(principal, before).catch(onFailure)
    const tenure: Tenure = { principal, opened, taken: opened.then((keeper) => keeper && take(tenure, keeper)) }
    current = tenure
    tellKnown?.()
    return tenure
  }

  async function open(principal: string | undefined, before?: Promise<unknown>): Promise<Keeper> {
    await before
    const { openKeeper } = await code()
    return openKeeper({ storage: storage || undefined, server: baseUrl, principal, clock, call, onFailure })
  }

  async function take(tenure: Tenure, keeper: Keeper): Promise<void> {
    if (current !== tenure) return
    tenure.keeper = keeper
    for (const [session, replica] of early) keeper.changed(session, replica)
    early.clear()
    const commands = await keeper.commands.load()
    if (current === tenure) onCommands(commands)
  }

  /** The keeper of a tenure, also where its code could not be loaded before. */
  async function reach({ principal, opened }: Tenure): Promise<Keeper> {
    return (await opened) ?? open(principal)
  }

  /**
   * Asks the keeper of who is the user now, or, where that is not known, of the first one, and waits so long for what it says, and until the
   * commands of an earlier page are known. All that is asked of one comes in order.
   */
  async function ask<Result>(act: (keeper: Keeper) => Promise<Result>, ms = LOAD_MS): Promise<Result | undefined> {
    const now = current
    await known
    const tenure = now ?? current
    if (!tenure) return undefined
    const asked = tenure.opened.then((keeper) => keeper && act(keeper))
    const answer = await within(ms, Promise.all([asked, tenure.taken]))
    // What is read slowly may be another's by now.
    return current === tenure ? answer?.[0] : undefined
  }

  function within<Result>(ms: number, done: Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => resolve(undefined), ms)
      done.then(resolve, reject).finally(() => clock.clearTimeout(timer))
    })
  }

  function flush(session?: string): void {
    void current?.keeper?.flush(session)
  }

  return {
    own: (principal) => {
      const before = current
      if (!before) begin(principal)
      else if (before.principal !== principal) {
        early.clear()
        const cleared = reach(before).then((keeper) => keeper.clear())
        // It may be theirs again whose it was, and then nothing may be there that was to be removed.
        begin(principal, within(SLOW_MS, cleared.catch(onFailure)))
      } else void before.opened.then((keeper) => keeper ?? (current === before && begin(principal)))
    },
    load: (session, found) => {
      // Begun before it is known whose, so that it need not be waited for then; a failure is told when it matters.
      code().catch(() => undefined)
      return ask(async (keeper) => {
        const replica = await keeper.loadReplica(session)
        if (replica && keeper === current?.keeper) found(replica)
      })
    },
    changed: (session, replica) => {
      const keeper = current?.keeper
      if (keeper) keeper.changed(session, replica)
      else early.set(session, replica)
    },
    leave: flush,
    put: async (command) => (await ask(({ commands }) => commands.put(command))) ?? SEND,
    drop: (command) => ask(({ commands }) => commands.drop(command)),
    check: async (command, past) =>
      (await ask(({ commands }) => commands.check(command, past), past ? LOOK_MS : LOAD_MS)) ??
      // One that is too old, and kept, may have been sent by another tab.
      (past && current?.keeper ? { kind: 'wait' } : SEND),
    reject: (command, error) => ask(({ commands }) => commands.reject(command, error)),
    tell: (session, listener) => {
      const keeper = current?.keeper
      // What is written slowly may be another's to hear by then.
      keeper?.commands.tell(session, (unsent) => keeper === current?.keeper && listener(unsent))
    },
    flush,
    recall: (name) => ask((keeper) => keeper.recall(name), SLOW_MS),
    remember: (name, value) => ask((keeper) => keeper.remember(name, value), SLOW_MS),
    clear: async () => {
      let cause: unknown
      const tenure = current ?? begin(undefined)
      // Nothing comes after it.
      current = undefined
      const keeper = await within(SLOW_MS, reach(tenure)).catch((error: unknown) => {
        cause = error
      })
      if (!keeper) throw new SessionError('unreachable', 'the code that removes it could not be loaded: try again', { cause })
      await within(SLOW_MS, keeper.clear())
    },
    close: () => tellKnown?.(),
  }
}
