import type { CommandFrame } from '@throughline/sdk/protocol'
import { memoryStorage, type KeyValueStorage } from '@throughline/sdk/storage'
import { commandName } from './command-name.ts'
import type { StorageHealth } from './faulty-storage.ts'

/** What its pages share, and what outlives them: the storage, and the machine's clock. */
export interface Browser {
  readonly storage: KeyValueStorage | false
  readonly health: StorageHealth
  /** The machine's clock is set ahead or, by less than 0, back. */
  readonly setClock: (byMs: number) => void
  /** How far it is from the right time, and the farthest that it ever was. */
  readonly aheadMs: () => number
  readonly farthestMs: () => number
  /** The commands that are kept now, and of which no app was told that they will not be sent. */
  readonly keptCommands: () => Promise<readonly string[]>
  /** Whether a command was ever kept. */
  readonly wasKept: (command: string) => boolean
  /** Sets the cursors of all saved transcripts to another one, which never was. Says how many. */
  readonly tamper: (how: 'ahead' | 'other mark' | 'no cursor') => Promise<number>
}

const RECORD = /^\d+ \d+ (\S+) /

/** Opens a browser. */
export function openBrowser(health: StorageHealth | 'none'): Browser {
  let aheadMs = 0
  let farthestMs = 0
  const clock = {
    setClock: (byMs: number) => {
      aheadMs += byMs
      farthestMs = Math.max(farthestMs, aheadMs)
    },
    aheadMs: () => aheadMs,
    farthestMs: () => farthestMs,
  }
  if (health === 'none')
    return { ...clock, storage: false, health: 'good', keptCommands: async () => [], wasKept: () => false, tamper: async () => 0 }

  const everKept = new Set<string>()
  const memory = memoryStorage()
  const storage: KeyValueStorage = {
    ...memory,
    set: (key, value) => {
      if (isCommand(key)) everKept.add(namedIn(value))
      return memory.set(key, value)
    },
  }
  const keys = () => storage.keys('')
  return {
    ...clock,
    storage,
    health,
    keptCommands: async () => {
      const records = await Promise.all((await keys()).filter(isCommand).map((key) => storage.get(key)))
      return records.flatMap((record = '') => (isToldOf(record) ? [] : [namedIn(record)]))
    },
    wasKept: (command) => everKept.has(command),
    tamper: async (how) => {
      const records = (await keys()).filter((key) => key.split('/')[3] === 'replica')
      for (const key of records) {
        const record = (await storage.get(key)) ?? ''
        const [, cursor = ''] = RECORD.exec(record) ?? []
        const [mark = '', seq = ''] = cursor.split('.')
        const others = { ahead: `${mark}.${Number(seq) + 1000}`, 'other mark': `tampered--.${seq}`, 'no cursor': 'tampered' }
        await storage.set(key, record.replaceAll(cursor, others[how]))
      }
      return records.length
    },
  }
}

function isCommand(key: string): boolean {
  return key.split('/')[3] === 'command'
}

function isToldOf(record: string): boolean {
  return (JSON.parse(record) as { readonly told?: true }).told === true
}

function namedIn(record: string): string {
  const { frame } = JSON.parse(record) as { readonly frame: CommandFrame }
  return commandName(frame)
}
