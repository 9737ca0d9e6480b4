import { describe, expect, test } from 'vitest'
import { EMPTY_TRANSCRIPT, type Transcript } from '../../src/protocol/index.ts'
import { memoryStorage } from '../../src/saved/memory-storage.ts'
import { openSavedState } from '../../src/saved/saved-state.ts'
import type { KeyValueStorage } from '../../src/saved/key-value-storage.ts'
import type { Replica } from '../../src/session/replica.ts'
import { cursor } from '../stage.ts'

const DAY_MS = 86_400_000

function replica(seq: number, fields: Partial<Transcript> = {}, own = cursor(seq)): Replica {
  return { cursor: own, seq, more: false, transcript: { ...EMPTY_TRANSCRIPT, custom: { note: seq }, ...fields } }
}

function open({
  storage = memoryStorage(),
  server = 'http://one',
  principal = 'ann',
}: { storage?: KeyValueStorage; server?: string; principal?: string } = {}) {
  const time = { now: 1_700_000_000_000 }
  const tab = (fields: { server?: string; principal?: string | undefined } = {}) =>
    openSavedState({ storage, server, principal, ...fields, now: () => time.now })
  return { storage, time, tab, saved: tab(), keys: () => storage.keys('') }
}

const onlyKey = async (storage: KeyValueStorage) => {
  const [key = '', ...more] = await storage.keys('')
  expect(more).toEqual([])
  return key
}

describe('a replica', () => {
  test('comes back as it was', async () => {
    const { saved, tab } = open()
    await saved.saveReplica('s', { ...replica(7, { agentState: { a: [1] } }), more: true })
    expect(await tab().loadReplica('s')).toEqual({ ...replica(7, { agentState: { a: [1] } }), more: true })
    expect(await tab().loadReplica('t')).toBeUndefined()
  })

  test('comes back also where the clock counts parts of milliseconds', async () => {
    const { saved, tab, time } = open()
    time.now += 0.25
    await saved.saveReplica('s', replica(7))
    expect(await tab().loadReplica('s')).toEqual(replica(7))
  })

  test('of another principal, server or session is not found', async () => {
    const { saved, tab } = open()
    await saved.saveReplica('s', replica(7))
    expect(await tab({ principal: 'ben' }).loadReplica('s')).toBeUndefined()
    expect(await tab({ server: 'http://two' }).loadReplica('s')).toBeUndefined()
    expect(await saved.loadReplica('t')).toBeUndefined()
  })

  test('of a name with slashes is nobody else’s', async () => {
    const { tab } = open()
    await tab({ principal: 'a/b' }).saveReplica('s', replica(1))
    expect(await tab({ principal: 'a' }).loadReplica('b/s')).toBeUndefined()
    await tab({ principal: 'a' }).clear()
    expect(await tab({ principal: 'a/b' }).loadReplica('s')).toBeDefined()
  })

  test('of which nothing is known is not kept, and removes what was', async () => {
    const { saved, keys } = open()
    await saved.saveReplica('s', replica(7))
    await saved.saveReplica('s', { seq: 0, more: false, transcript: EMPTY_TRANSCRIPT })
    expect(await keys()).toEqual([])
  })

  test('of another version of the fold is dropped', async () => {
    const { saved, storage, keys } = open()
    await saved.saveReplica('s', replica(7))
    const key = await onlyKey(storage)
    const text = await storage.get(key)
    await storage.set(key, (text ?? '').replace(/^(\d+) \d+ /, '$1 999 '))
    expect(await saved.loadReplica('s')).toBeUndefined()
    expect(await keys()).toEqual([])
  })

  test.each([
    ['cut off', (text: string) => text.slice(0, -20)],
    ['a state without its cursor', (text: string) => text.replace(/^(\d+ \d+) \S+ /, '$1 ')],
    ['a cursor without its state', (text: string) => text.slice(0, text.indexOf('{'))],
    ['the cursor of another state', (text: string) => text.replace(cursor(7), cursor(8))],
    ['no transcript', (text: string) => text.replace('"messages":[]', '"messages":null')],
    ['nothing', () => ''],
  ])('that is damaged is dropped: %s', async (_, damage) => {
    const { saved, storage, keys } = open()
    await saved.saveReplica('s', replica(7))
    const key = await onlyKey(storage)
    await storage.set(key, damage((await storage.get(key)) ?? ''))
    expect(await saved.loadReplica('s')).toBeUndefined()
    expect(await keys()).toEqual([])
  })

  test('is dropped after seven days', async () => {
    const { saved, time, keys } = open()
    await saved.saveReplica('s', replica(7))
    time.now += 7 * DAY_MS
    expect(await saved.loadReplica('s')).toBeDefined()
    time.now += 1
    expect(await saved.loadReplica('s')).toBeUndefined()
    expect(await keys()).toEqual([])
  })

  test('larger than 1 MiB keeps its newest window, and knows that there is more', async () => {
    const { saved, storage } = open()
    const messages = Array.from({ length: 30 }, (_, index) => ({
      id: `m${index}`,
      role: 'user' as const,
      parts: [{ type: 'text' as const, id: `m${index}`, text: 'x'.repeat(100_000) }],
    }))
    await saved.saveReplica('s', replica(7, { messages }))
    expect((await storage.get(await onlyKey(storage)))?.length).toBeLessThanOrEqual(1024 * 1024)
    const loaded = await saved.loadReplica('s')
    expect(loaded?.more).toBe(true)
    expect(loaded?.transcript.messages.at(-1)).toEqual(messages.at(-1))
    expect(loaded?.transcript.messages).toHaveLength(10)
  })

  test('whose state alone is larger is not kept', async () => {
    const { saved, keys } = open()
    await saved.saveReplica('s', replica(7, { agentState: 'x'.repeat(1024 * 1024) }))
    expect(await keys()).toEqual([])
  })
})

/** The same rules with a storage that has transactions, and with one that has none. */
describe.each([
  ['with transactions', () => memoryStorage()],
  ['without transactions', () => ({ ...memoryStorage(), update: undefined }) as unknown as KeyValueStorage],
])('two tabs over a storage %s', (_, storage) => {
  test('an older replica does not take the place of a newer one', async () => {
    const { tab } = open({ storage: storage() })
    const [one, two] = [tab(), tab()]
    await one.saveReplica('s', replica(9))
    await two.saveReplica('s', replica(5))
    expect((await tab().loadReplica('s'))?.seq).toBe(9)
    await two.saveReplica('s', replica(10))
    expect((await tab().loadReplica('s'))?.seq).toBe(10)
    await one.saveReplica('s', replica(9))
    expect((await tab().loadReplica('s'))?.seq).toBe(10)
  })

  test('what a tab read itself gives way to the word of a server that knows it no more', async () => {
    const { tab } = open({ storage: storage() })
    await tab().saveReplica('s', replica(90))
    const next = tab()
    await next.loadReplica('s')
    await next.saveReplica('s', replica(2, {}, 'otherother.2'))
    expect((await tab().loadReplica('s'))?.cursor).toBe('otherother.2')
  })

  test('a damaged record gives way', async () => {
    const { storage: kept, tab } = open({ storage: storage() })
    await tab().saveReplica('s', replica(90))
    await kept.set(await onlyKey(kept), 'nonsense')
    await tab().saveReplica('s', replica(2))
    expect((await tab().loadReplica('s'))?.seq).toBe(2)
  })
})

describe('there are bounds', () => {
  test('of 20 replicas the oldest goes', async () => {
    const { saved, time, keys } = open()
    for (let index = 0; index < 23; index++) {
      time.now += 1_000
      await saved.saveReplica(`s${index}`, replica(1))
    }
    expect(await keys()).toHaveLength(20)
    expect(await saved.loadReplica('s2')).toBeUndefined()
    expect(await saved.loadReplica('s3')).toBeDefined()
  })

  test('a sweep removes what is too old, also of other servers, and what others here left, but not their commands', async () => {
    const { saved, tab, time, keys } = open()
    await tab({ server: 'http://two' }).saveReplica('old', replica(1))
    time.now += 8 * DAY_MS
    await tab({ principal: 'ben' }).saveReplica('s', replica(1))
    await tab({ principal: 'ben' }).putCommand({ frame: { type: 'unqueue', id: 'c', session: 's', message: 'm' }, at: time.now, order: 1 })
    await tab({ server: 'http://two', principal: 'ben' }).saveReplica('s', replica(1))
    await saved.saveReplica('s', replica(1))
    await saved.sweep()
    expect((await keys()).map((key) => key.split('/').slice(1).map(decodeURIComponent).join(' '))).toEqual([
      'http://one ben command c',
      'http://two ben replica s',
      'http://one ann replica s',
    ])
  })

  test('where there is no more room, the oldest go', async () => {
    const full = memoryStorage()
    const room = async () => {
      if ((await full.keys('')).length >= 8) throw new Error('QuotaExceededError')
    }
    const { saved, time, keys } = open({
      storage: {
        ...full,
        set: (key: string, value: string) => room().then(() => full.set(key, value)),
        update: undefined,
      } as unknown as KeyValueStorage,
    })
    for (let index = 0; index < 9; index++) {
      time.now += 1_000
      await saved.saveReplica(`s${index}`, replica(1))
    }
    expect(await saved.loadReplica('s8')).toBeDefined()
    expect(await saved.loadReplica('s0')).toBeUndefined()
    expect(await keys()).toHaveLength(6)
  })
})

describe('commands', () => {
  const frame = (id: string) => ({ type: 'send', id, session: 's', message: { id, role: 'user', content: id } }) as const

  test('come back in the order in which they were given', async () => {
    const { saved, time, tab } = open()
    await saved.putCommand({ frame: frame('b'), at: time.now, order: 2 })
    await saved.putCommand({ frame: frame('a'), at: time.now, order: 1 })
    await saved.putCommand({ frame: frame('0'), at: time.now - 5, order: 9 })
    expect((await tab().loadCommands()).map(({ frame: { id } }) => id)).toEqual(['0', 'a', 'b'])
    await saved.dropCommand('a')
    expect((await tab().loadCommands()).map(({ frame: { id } }) => id)).toEqual(['0', 'b'])
  })

  test('are changed with nothing in between, and give what was there before', async () => {
    const { saved, time } = open()
    const command = { frame: frame('a'), at: time.now, order: 1 }
    await saved.putCommand(command)
    expect(await saved.changeCommand('a', () => undefined)).toEqual(command)
    expect(await saved.changeCommand('a', (one) => ({ ...one, told: true }))).toEqual(command)
    expect(await saved.changeCommand('a', () => undefined)).toEqual({ ...command, told: true })
  })

  test('give what was there before the first try, also where that was done though it failed', async () => {
    const storage = memoryStorage()
    let fails = 1
    const { saved, time } = open({
      storage: {
        ...storage,
        update: async (key, change) => {
          await storage.update?.(key, change)
          if (fails-- > 0) throw new Error('the connection was lost')
        },
      },
    })
    const command = { frame: frame('a'), at: time.now, order: 1 }
    await saved.putCommand(command)
    expect(await saved.changeCommand('a', (one) => ({ ...one, told: true }))).toEqual(command)
  })

  test('are read without a write, so that a read which fails makes no room', async () => {
    const storage = memoryStorage()
    let isBroken = false
    const get = (key: string) => (isBroken ? Promise.reject(new Error('aborted')) : storage.get(key))
    const update: KeyValueStorage['update'] = async (key, change) => {
      await get(key)
      await storage.update?.(key, change)
    }
    const { saved, time, keys } = open({ storage: { ...storage, get, update } })
    for (let index = 0; index < 8; index++) await saved.saveReplica(`s${index}`, replica(1))
    const command = { frame: frame('a'), at: time.now, order: 1 }
    await saved.putCommand(command)
    isBroken = true
    await expect(saved.readCommand('a')).rejects.toThrow('aborted')
    isBroken = false
    expect(await saved.readCommand('a')).toEqual(command)
    expect(await keys()).toHaveLength(9)
  })

  test('that another tab removed are gone; of a storage that was emptied meanwhile nothing is known', async () => {
    const { saved, storage, tab, time } = open()
    for (const id of ['a', 'b']) await saved.putCommand({ frame: frame(id), at: time.now, order: 1 })
    const one = tab()
    await one.loadCommands()
    await saved.dropCommand('a')
    expect(await one.readCommand('a')).toBe('gone')
    expect(await one.changeCommand('a', (command) => command)).toBe('gone')
    for (const key of await storage.keys('')) await storage.delete(key)
    expect(await one.readCommand('b')).toBeUndefined()
    expect(await one.changeCommand('b', (command) => command)).toBeUndefined()
    // What is kept since says nothing of what was there before.
    time.now += 1
    await saved.putCommand({ frame: frame('c'), at: time.now, order: 1 })
    await tab().loadCommands()
    expect(await one.readCommand('b')).toBeUndefined()
  })

  test('that are gone, or cannot be read, are not changed', async () => {
    const { saved, storage, time, keys } = open()
    const change = () => ({ frame: frame('a'), at: time.now, order: 1 })
    await saved.changeCommand('a', change)
    expect(await keys()).toEqual([])
    await saved.putCommand(change())
    const key = await onlyKey(storage)
    await storage.set(key, 'nonsense')
    await saved.changeCommand('a', change)
    expect(await storage.get(key)).toBe('nonsense')
  })

  test('that are damaged are dropped', async () => {
    const { saved, storage, time, keys } = open()
    await saved.putCommand({ frame: frame('a'), at: time.now, order: 1 })
    await storage.set(await onlyKey(storage), '{"frame":{}')
    expect(await saved.loadCommands()).toEqual([])
    expect(await keys()).toEqual([])
  })
})

describe('values of the app', () => {
  test('come back, until they are removed, or 30 days old', async () => {
    const { saved, time, keys } = open()
    await saved.remember('draft', { text: 'hello' })
    await saved.remember('gone', 1)
    await saved.remember('gone', undefined)
    expect(await saved.recall('draft')).toEqual({ text: 'hello' })
    expect(await saved.recall('gone')).toBeUndefined()
    time.now += 30 * DAY_MS
    expect(await saved.recall('draft')).toEqual({ text: 'hello' })
    time.now += 1
    expect(await saved.recall('draft')).toBeUndefined()
    await saved.sweep()
    expect(await keys()).toEqual([])
  })
})

test('clearing removes everything of a user, and nothing of anybody else', async () => {
  const { saved, tab, keys } = open()
  for (const state of [saved, tab({ principal: 'ben' }), tab({ server: 'http://two' })]) {
    await state.saveReplica('s', replica(1))
    await state.remember('draft', 1)
  }
  await saved.clear()
  expect(await keys()).toHaveLength(4)
  expect(await saved.loadReplica('s')).toBeUndefined()
  await tab({ principal: undefined }).clear()
  expect(await keys()).toHaveLength(2)
})

describe('clearing that was begun and not ended', () => {
  test('is ended by the next page of the user, and leaves nothing', async () => {
    const { saved, tab, keys } = open()
    await saved.saveReplica('s', replica(1))
    await saved.remember('draft', 1)
    await tab({ principal: 'ben' }).remember('draft', 1)
    await saved.beginClear()
    await tab().finishClear()
    expect((await keys()).map((key) => key.split('/')[2])).toEqual(['ben'])
  })

  test('of all users is ended by the next page of any', async () => {
    const { saved, tab, keys } = open()
    await saved.remember('draft', 1)
    await tab({ server: 'http://two' }).remember('draft', 1)
    await tab({ principal: undefined }).beginClear()
    await tab({ principal: 'ben' }).finishClear()
    expect((await keys()).map((key) => key.split('/')[1])).toEqual(['http%3A%2F%2Ftwo'])
  })

  test('outlives a sweep by another user, so that nothing comes back after it', async () => {
    const { saved, tab, time } = open()
    await saved.remember('draft', 1)
    await saved.beginClear()
    time.now += 29 * DAY_MS
    await tab({ principal: 'ben' }).sweep()
    const next = tab()
    await next.finishClear()
    expect(await next.recall('draft')).toBeUndefined()
  })

  test('removes nothing that was kept since, but what says that it was kept later than now', async () => {
    const { saved, tab, time, keys } = open()
    await saved.remember('before', 1)
    await saved.saveReplica('before', replica(1))
    time.now += 1_000_000
    await saved.remember('of a clock that was wrong', 1)
    time.now -= 1_000_000
    await saved.beginClear()
    time.now += 1
    const since = { frame: { type: 'unqueue', id: 'since', session: 's', message: 'm' }, at: time.now, order: 1 } as const
    await saved.putCommand(since)
    await saved.saveReplica('since', replica(2))
    await saved.remember('since', 2)
    await tab().finishClear()
    expect((await keys()).map((key) => key.split('/').slice(3).join('/'))).toEqual(['command/since', 'replica/since', 'value/since'])
  })

  test('harms nobody who begins anew', async () => {
    const { saved, keys, tab } = open()
    await saved.beginClear()
    await saved.finishClear()
    await saved.saveReplica('s', replica(1))
    await tab().finishClear()
    expect(await keys()).toHaveLength(1)
  })
})
