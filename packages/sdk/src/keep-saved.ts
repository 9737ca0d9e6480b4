import type { CallServer } from './call-server.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Keeper } from './saved/keeper.ts'
import type { KeyValueStorage } from './saved/key-value-storage.ts'
import type { Replica } from './session/replica.ts'
import type { CommandVerdict, SavedCommand, SavedPort } from './session/saved-port.ts'

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
  readonly call: CallServer
  readonly log: () => Log
  /** Takes the commands of an earlier page, as soon as they are known. */
  readonly onCommands: (commands: readonly SavedCommand[]) => void
}

/** The code that does it, which many clients never need. */
const code = () => import('./saved/keeper.ts')

/** What cannot be said in time keeps no command back. */
const SEND: CommandVerdict = { kind: 'send' }

// A storage may hang for ever, and nobody should wait for that.
const LOAD_MS = 300
const CLEAR_MS = 2_000
// What the server has to be asked for, and nobody waits for.
const LOOK_MS = 60_000

/** Begins to keep what is saved, or does not where there is no storage. The code that does it is loaded once it is known whose state it is. */
export function keepSaved({ storage, baseUrl, clock, call, log, onCommands }: KeepSavedOptions): Saved | undefined {
  if (storage === false || (!storage && !('indexedDB' in globalThis))) return undefined
  let owner: string | undefined
  let opening: Promise<Keeper | undefined> | undefined
  let taken: Promise<void> | undefined
  let keeper: Keeper | undefined
  /** What changed while the keeper is on its way; the last of each session counts. */
  let early: Map<string, () => Replica> | undefined = new Map()
  let tellKnown: (() => void) | undefined
  const known = new Promise<void>((resolve) => {
    tellKnown = resolve
  })
  const onFailure = (error: unknown) => log()?.({ type: 'unsaved', reason: String(error) })

  async function open(principal: string | undefined): Promise<Keeper | undefined> {
    try {
      const { openKeeper } = await code()
      return await openKeeper({ storage: storage || undefined, server: baseUrl, principal, clock, call, onFailure })
    } catch (error) {
      onFailure(error)
      return undefined
    }
  }

  async function begin(from: Promise<Keeper | undefined>): Promise<void> {
    const opened = await from
    if (opening !== from) return
    keeper = opened
    for (const [session, replica] of early ?? []) opened?.changed(session, replica)
    early = undefined
    const commands = await opened?.commands.load()
    if (commands && opening === from) onCommands(commands)
  }

  /** Asks the keeper of who is the user now, or, where that is not known, of the first one. All that is asked of one comes in order. */
  async function ask<Result>(act: (keeper: Keeper) => Promise<Result>): Promise<Result | undefined> {
    const now = opening
    const from = await known.then(() => now ?? opening)
    const result = from && (await act(from))
    // What is read slowly may be another's by now.
    return keeper === from ? result : undefined
  }

  /** The same for those who wait: for so long, and until the commands of an earlier page are known. */
  async function askSoon<Result>(act: (keeper: Keeper) => Promise<Result>, ms = LOAD_MS): Promise<Result | undefined> {
    const asked = ask(act)
    await known
    return within(
      ms,
      Promise.all([asked, taken]).then(([result]) => result),
    )
  }

  function within<Result>(ms: number, done: Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => resolve(undefined), ms)
      void done.then((result) => {
        clock.clearTimeout(timer)
        resolve(result)
      })
    })
  }

  return {
    own: (principal) => {
      if (principal === owner) return
      owner = principal
      const before = opening
      if (before) {
        keeper = undefined
        early = new Map()
        // It may be theirs again whose it was, and then nothing may be there that was to be removed.
        opening = within(
          CLEAR_MS,
          before.then((from) => from?.clear()),
        ).then(() => open(principal))
      } else opening = open(principal)
      taken = begin(opening)
      tellKnown?.()
    },
    load: (session, found) => {
      // Begun before it is known whose, so that it need not be waited for then; a failure is told when it matters.
      code().catch(() => undefined)
      return askSoon(async (from) => {
        const replica = await from.loadReplica(session)
        if (replica && keeper === from) found(replica)
      })
    },
    changed: (session, replica) => {
      if (keeper) keeper.changed(session, replica)
      else early?.set(session, replica)
    },
    leave: (session) => void keeper?.flush(session),
    put: async (command) => (await askSoon(({ commands }) => commands.put(command))) ?? SEND,
    drop: (command) => void ask(({ commands }) => commands.drop(command)),
    check: async (command, past) => (await askSoon(({ commands }) => commands.check(command, past), past ? LOOK_MS : LOAD_MS)) ?? SEND,
    reject: (command, error) => askSoon(({ commands }) => commands.reject(command, error)),
    tell: (session, listener) => keeper?.commands.tell(session, listener),
    flush: () => void keeper?.flush(),
    recall: (name) => ask((from) => from.recall(name)),
    remember: (name, value) => ask((from) => from.remember(name, value)),
    clear: () => {
      opening ??= open(undefined)
      tellKnown?.()
      return askSoon((from) => from.clear(), CLEAR_MS)
    },
  }
}
