import { memoryStorage, type KeyValueStorage } from '@throughline/sdk/storage'

/** What its pages share, and what outlives them: the storage. */
export interface Browser {
  readonly storage: KeyValueStorage | false
  /** The ids of the commands that are kept now. */
  readonly keptCommands: () => Promise<readonly string[]>
  /** The ids of all that ever were. */
  readonly everKept: ReadonlySet<string>
  /** Sets the cursors of all saved transcripts to another one, which never was. Says how many. */
  readonly tamper: (how: 'ahead' | 'other mark' | 'no cursor') => Promise<number>
}

const RECORD = /^\d+ \d+ (\S+) /

/** Opens a browser; one that keeps nothing is one in which the page may not. */
export function openBrowser(keeps: boolean): Browser {
  if (!keeps) return { storage: false, keptCommands: async () => [], everKept: new Set(), tamper: async () => 0 }
  const everKept = new Set<string>()
  const memory = memoryStorage()
  const storage: KeyValueStorage = {
    ...memory,
    set: (key, value) => {
      if (isCommand(key)) everKept.add(idOf(key))
      return memory.set(key, value)
    },
  }
  const keys = () => storage.keys('')
  return {
    storage,
    keptCommands: async () => (await keys()).filter(isCommand).map(idOf),
    everKept,
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

function idOf(key: string): string {
  return decodeURIComponent(key.split('/')[4] ?? '')
}
