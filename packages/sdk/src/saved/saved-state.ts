import { isRecord, isText } from '../protocol/shape.ts'
import type { Cursor } from '../protocol/index.ts'
import type { Replica } from '../session/replica.ts'
import type { SavedCommand } from '../session/saved-port.ts'
import type { KeyValueStorage } from './key-value-storage.ts'
import { decodeReplica, encodeReplica, headOf } from './replica-record.ts'

/** What is kept for one user of one server. Everything here rejects where the storage does. */
export interface SavedState {
  readonly loadReplica: (session: string) => Promise<Replica | undefined>
  /** Only over an older record: another tab may be ahead. One that nothing is known of removes the record. */
  readonly saveReplica: (session: string, replica: Replica) => Promise<void>
  /** Oldest first. */
  readonly loadCommands: () => Promise<readonly SavedCommand[]>
  readonly putCommand: (command: SavedCommand) => Promise<void>
  readonly dropCommand: (id: string) => Promise<void>
  readonly readCommand: (id: string) => Promise<CommandRecord>
  /** Changes the record of a command, unless `change` gives undefined, with nothing in between. Gives the one before. */
  readonly changeCommand: (id: string, change: (command: SavedCommand) => SavedCommand | undefined) => Promise<CommandRecord>
  /** A value of the app's own. */
  readonly recall: (name: string) => Promise<unknown>
  readonly remember: (name: string, value: unknown) => Promise<void>
  /** Removes what is too old, too much, damaged, or of others who used this server here. */
  readonly sweep: () => Promise<void>
  /** Says that all has to go, in one short write: whatever comes between that and the end of `clear`, `finishClear` of a later page does the rest. */
  readonly beginClear: () => Promise<void>
  readonly clear: () => Promise<void>
  /** Removes what an earlier page has only begun to, and nothing that was kept since. Nothing is to be read before. */
  readonly finishClear: () => Promise<void>
}

/** What is kept of a command: `gone` where it was removed since the commands were loaded; undefined where nothing can be said. */
export type CommandRecord = SavedCommand | 'gone' | undefined

/** Whose state it is, and where it lies. */
export interface SavedStateOptions {
  readonly storage: KeyValueStorage
  /** The server's URL. */
  readonly server: string
  /** Without one nothing but `clear` has a meaning: it is that of all. */
  readonly principal: string | undefined
  readonly now: () => number
}

const MAX_REPLICAS = 20
// How many are left where there is no more room for one.
const FEW_REPLICAS = 5
const DAY_MS = 86_400_000
/** How long each kind is kept. A command that is a day old is not sent any more, but there is still its text to give back. Marks outlive what they are about. */
const KEPT_MS = { replica: 7 * DAY_MS, command: 7 * DAY_MS, value: 30 * DAY_MS, cleared: 60 * DAY_MS, since: 60 * DAY_MS }

type Kind = keyof typeof KEPT_MS

/** Opens the saved state of a user. */
export function openSavedState({ storage, server, principal, now }: SavedStateOptions): SavedState {
  const root = 'throughline/'
  const place = `${root}${encodeURIComponent(server)}/`
  const own = principal === undefined ? place : `${place}${encodeURIComponent(principal)}/`
  /** Where it stands that all of a user has to go; of all users, as of one without a name. */
  const markIn = (whose: string) => `${whose === place ? `${place}/` : whose}cleared`
  const keyOf = (kind: Kind, name: string) => `${own}${kind}/${encodeURIComponent(name)}`
  /** The cursors of the records that we read or wrote ourselves: such a one is ours to replace, also by a server's word that has a lower seq. */
  const known = new Map<string, Cursor>()
  const sinceKey = `${own}since`
  /** What stands there as long as nobody has emptied the storage behind our back. */
  let since: string | undefined

  async function update(key: string, change: (value: string | undefined) => string | undefined): Promise<void> {
    if (storage.update) return storage.update(key, change)
    const changed = change(await storage.get(key))
    if (changed !== undefined) await storage.set(key, changed)
  }

  /** Writes; where that fails, once more with most replicas gone, since what fails is mostly the room. */
  async function write(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch {
      await sweep(FEW_REPLICAS)
      await act()
    }
  }

  async function loadReplica(session: string): Promise<Replica | undefined> {
    const key = keyOf('replica', session)
    const record = await storage.get(key)
    if (record === undefined) return undefined
    const replica = isFresh(key, record) ? decodeReplica(record) : undefined
    if (replica?.cursor === undefined) await storage.delete(key)
    else known.set(key, replica.cursor)
    return replica
  }

  async function saveReplica(session: string, replica: Replica): Promise<void> {
    const key = keyOf('replica', session)
    const { cursor } = replica
    if (cursor === undefined) return storage.delete(key)
    const record = await encodeReplica(replica, cursor, now())
    if (record === undefined) return
    let isNew = false
    await write(() =>
      update(key, (before) => {
        const head = before === undefined ? undefined : headOf(before)
        isNew = before === undefined
        if (head && head.cursor !== known.get(key) && head.seq >= replica.seq) return undefined
        known.set(key, cursor)
        return record
      }),
    )
    if (isNew) await sweep()
  }

  async function loadCommands(): Promise<readonly SavedCommand[]> {
    const found: SavedCommand[] = []
    for (const key of await storage.keys(keyOf('command', ''))) {
      const command = parseCommand(await storage.get(key))
      if (command) found.push(command)
      else await storage.delete(key)
    }
    // Where it cannot be written, nothing can be said later of those that are gone then.
    if (found.length > 0) await update(sinceKey, begin).catch(() => undefined)
    return found.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  function begin(before: string | undefined): string | undefined {
    since = before ?? JSON.stringify({ at: now() })
    return before === undefined ? since : undefined
  }

  async function readCommand(id: string): Promise<CommandRecord> {
    return parseCommand(await storage.get(keyOf('command', id))) ?? whereGone()
  }

  async function changeCommand(id: string, change: (command: SavedCommand) => SavedCommand | undefined): Promise<CommandRecord> {
    let before: SavedCommand | undefined
    await write(() =>
      update(keyOf('command', id), (text) => {
        const command = parseCommand(text)
        // A first try that failed may have been done all the same.
        before ??= command
        const after = command && change(command)
        return after && JSON.stringify(after)
      }),
    )
    return before ?? whereGone()
  }

  /** Another tab removed it, since it was settled; or somebody emptied the storage, and then nothing is known. */
  async function whereGone(): Promise<'gone' | undefined> {
    return since !== undefined && (await storage.get(sinceKey)) === since ? 'gone' : undefined
  }

  async function recall(name: string): Promise<unknown> {
    const key = keyOf('value', name)
    const text = await storage.get(key)
    const kept = text !== undefined && isFresh(key, text) && parse(text)
    return isRecord(kept) ? kept['value'] : undefined
  }

  function isFresh(key: string, text: string): boolean {
    const at = writtenAt(key, text)
    return at !== undefined && now() - at <= KEPT_MS[kindOf(key)]
  }

  async function sweep(most = MAX_REPLICAS): Promise<void> {
    const replicas: { readonly key: string; readonly at: number }[] = []
    for (const key of await storage.keys(root)) {
      const text = await storage.get(key)
      const isReplica = kindOf(key) === 'replica'
      const isStranger = isReplica && key.startsWith(place) && !key.startsWith(own)
      if (text === undefined) continue
      if (isStranger || !isFresh(key, text)) await storage.delete(key)
      else if (isReplica) replicas.push({ key, at: writtenAt(key, text) ?? 0 })
    }
    for (const { key } of replicas.sort((a, b) => b.at - a.at).slice(most)) await storage.delete(key)
  }

  async function clear(whose: string, isSpared = async (_key: string) => false): Promise<void> {
    const mark = markIn(whose)
    for (const key of await storage.keys(whose)) if (key !== mark && !(await isSpared(key))) await storage.delete(key)
    await storage.delete(mark)
  }

  async function finishClear(whose: string): Promise<void> {
    const marked = await storage.get(markIn(whose))
    if (marked === undefined) return
    const end = timeOf(parse(marked)) ?? Number.POSITIVE_INFINITY
    await clear(whose, async (key) => {
      const at = writtenAt(key, (await storage.get(key)) ?? '') ?? end
      // What says that it was written later than now may be older all the same: the clock was set back.
      return at > end && at <= now()
    })
  }

  return {
    loadReplica,
    saveReplica,
    loadCommands,
    putCommand: (command) => write(() => storage.set(keyOf('command', command.frame.id), JSON.stringify(command))),
    dropCommand: (id) => storage.delete(keyOf('command', id)),
    readCommand,
    changeCommand,
    recall,
    remember: (name, value) => {
      const key = keyOf('value', name)
      return value === undefined ? storage.delete(key) : write(() => storage.set(key, JSON.stringify({ at: now(), value })))
    },
    sweep,
    beginClear: () => storage.set(markIn(own), JSON.stringify({ at: now() })),
    clear: () => clear(own),
    finishClear: async () => {
      for (const whose of [place, own]) await finishClear(whose)
    },
  }
}

function kindOf(key: string): Kind {
  return key.split('/')[3] as Kind
}

/** When a record was written, as it says itself; undefined where it is damaged. */
function writtenAt(key: string, text: string): number | undefined {
  return kindOf(key) === 'replica' ? headOf(text)?.at : timeOf(parse(text))
}

function parseCommand(text: string | undefined): SavedCommand | undefined {
  const value = parse(text)
  if (timeOf(value) === undefined || !isRecord(value) || !isRecord(value['frame'])) return undefined
  const { id, session, type } = value['frame']
  return isText(id) && isText(session) && isText(type) ? (value as unknown as SavedCommand) : undefined
}

function timeOf(value: unknown): number | undefined {
  const at = isRecord(value) ? value['at'] : undefined
  return typeof at === 'number' ? at : undefined
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
