import type { SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test, vi } from 'vitest'
import { Journal, type JournalFailure } from '../../src/journal/journal.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Append, AppendVerdict, Batch, Store } from '../../src/store/port.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { decode, text } from './batches.ts'

/** A store whose appends wait until the test lets them through. */
function gatedStore(store: Store) {
  const gate: { through: (() => void)[]; isOpen: boolean; appended: Append[] } = { through: [], isOpen: true, appended: [] }
  const append = async (one: Append): Promise<AppendVerdict> => {
    gate.appended.push(one)
    if (!gate.isOpen) await new Promise<void>((resolve) => gate.through.push(resolve))
    return store.append(one)
  }
  return { gate, store: new Proxy(store, { get: (target, name) => (name === 'append' ? append : bound(target, name)) }) }
}

function bound(target: Store, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? (value.bind(target) as unknown) : value
}

async function openJournal(options: { appendFails?: (append: Append) => AppendVerdict | Error | undefined } = {}) {
  const memory = createMemoryStore()
  await memory.create({ id: 's1', owner: 'p', birth: 'birthmark-', createdAt: 0 })
  const lease = await memory.lease('s1', 'node', 60_000)
  const bounds = await memory.bounds('s1')
  if (lease === undefined || bounds === undefined) throw new Error('the store gave no lease')
  const { gate, store } = gatedStore(memory)
  const failing = new Proxy(store, {
    get: (target, name) =>
      name === 'append'
        ? async (append: Append) => {
            const outcome = options.appendFails?.(append)
            if (outcome instanceof Error) throw outcome
            return outcome ?? target.append(append)
          }
        : bound(target, name),
  })
  const timers = manualTimers()
  const stored: { batch: Batch; events: readonly SessionEvent[] }[] = []
  const failures: JournalFailure[] = []
  const journal = new Journal({
    store: failing,
    session: 's1',
    fence: lease.fence,
    bounds,
    timers,
    onStored: (batch, events) => stored.push({ batch, events }),
    onFailed: (failure) => failures.push(failure),
  })
  return { journal, stored, failures, gate, timers, memory }
}

const custom = (value: unknown): SessionEvent => ({ type: 'CUSTOM', name: 'x', value })

describe('the journal', () => {
  test('numbers events from 1 without holes', async () => {
    const { journal, stored } = await openJournal()
    await journal.append([custom(1)])
    await journal.append([custom(2), custom(3)])
    expect(stored.map(({ batch }) => [batch.from, batch.to])).toEqual([
      [1, 1],
      [2, 3],
    ])
    expect(journal.bounds).toMatchObject({ head: 3, mark: stored[1]?.batch.mark })
  })

  test('makes one event of what an agent says in one turn, however many promises it takes for it', async () => {
    const { journal, stored } = await openJournal()
    for (const word of ['one ', 'two ', 'three']) {
      journal.emit(text(word))
      for (let settled = 0; settled < 20; settled += 1) await Promise.resolve()
    }
    await journal.settled()
    expect(stored.map(({ events }) => events)).toEqual([[text('one two three')]])
  })

  test('mints a mark for each append', async () => {
    const { journal, stored } = await openJournal()
    await journal.append([custom(1)])
    await journal.append([custom(2)])
    const marks = stored.map(({ batch }) => batch.mark)
    expect(marks[0]).toMatch(/^[A-Za-z0-9_-]{10}$/)
    expect(marks[0]).not.toBe(marks[1])
  })

  test('tells nobody of what is not stored', async () => {
    const { journal, stored, gate } = await openJournal()
    gate.isOpen = false
    const appended = journal.append([custom(1)])
    await turn()
    expect(stored).toEqual([])
    expect(journal.bounds.head).toBe(0)
    gate.through[0]?.()
    await appended
    expect(stored).toHaveLength(1)
  })

  test('has one append in flight; deltas of a part that wait for it become one event', async () => {
    const { journal, stored, gate } = await openJournal()
    gate.isOpen = false
    journal.emit(text('a'))
    await turn()
    for (const delta of ['b', 'c', 'd']) journal.emit(text(delta))
    await turn()
    expect(gate.appended).toHaveLength(1)
    gate.isOpen = true
    gate.through[0]?.()
    await journal.settled()
    expect(stored.map(({ batch }) => decode(batch).events)).toEqual([[text('a')], [text('bcd')]])
    expect(journal.bounds.head).toBe(2)
  })

  test('does not change the event that an agent handed over', async () => {
    const { journal } = await openJournal()
    const mine = text('a')
    journal.emit(mine)
    journal.emit(text('b'))
    await journal.settled()
    expect(mine).toEqual(text('a'))
  })

  test('keeps joined deltas at 32 KiB', async () => {
    const { journal, stored } = await openJournal()
    for (let n = 0; n < 10; n += 1) journal.emit(text('x'.repeat(8 * 1024)))
    await journal.settled()
    const sizes = stored.flatMap(({ events }) => events.map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta.length : 0)))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(80 * 1024)
  })

  test('counts what text has in JSON: joined deltas stay at 32 KiB and batches at 64 KiB, whatever is said', async () => {
    const { journal, stored } = await openJournal()
    for (let n = 0; n < 200; n += 1) journal.emit(text('\u0001'.repeat(500), `m${n % 7 === 0}`))
    await journal.settled()
    const events = stored.flatMap(({ batch }) => decode(batch).events)
    for (const event of events) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(32 * 1024)
    for (const { batch } of stored) expect(batch.frame.length).toBeLessThanOrEqual(64 * 1024)
    expect(stored.length).toBeLessThan(20)
  })

  test('keeps batches at 64 KiB, but never splits an effect', async () => {
    const { journal, stored } = await openJournal()
    for (let n = 0; n < 10; n += 1) journal.emit(custom('x'.repeat(20_000)))
    const group = Array.from({ length: 5 }, () => custom('y'.repeat(20_000)))
    await journal.append(group, { command: { principal: 'p', id: 'c', digest: 'd', result: {}, at: 0 } })
    for (const { batch, events } of stored) if (events.length < 5) expect(batch.frame.length).toBeLessThanOrEqual(64 * 1024)
    expect(stored.at(-1)?.events).toHaveLength(5)
  })

  test('stores effects without events, too', async () => {
    const { journal, memory } = await openJournal()
    await journal.append([], { command: { principal: 'p', id: 'c', digest: 'd', result: { removed: false }, at: 0 } })
    expect(journal.bounds.head).toBe(0)
    expect(await memory.command('s1', 'p', 'c')).toMatchObject({ result: { removed: false } })
  })

  test('asks its agent to wait while more than 1 MiB waits', async () => {
    const { journal, gate } = await openJournal()
    gate.isOpen = false
    expect(journal.room()).toBeUndefined()
    for (let n = 0; n < 60; n += 1) journal.emit(custom('x'.repeat(20_000)))
    const room = journal.room()
    expect(room).toBeInstanceOf(Promise)
    gate.isOpen = true
    await turn()
    gate.through[0]?.()
    await room
    await journal.settled()
    expect(journal.room()).toBeUndefined()
  })

  test('tries a failed append again with the same mark, and loses nothing', async () => {
    let failures = 2
    const { journal, stored, gate, timers } = await openJournal({
      appendFails: () => (failures-- > 0 ? new StoreError('full', 'no room') : undefined),
    })
    const appended = journal.append([custom(1)])
    await turn()
    await timers.advance(1000)
    await appended
    expect(stored).toHaveLength(1)
    expect(gate.appended).toHaveLength(1)
  })

  test('gives up after 30 s of failures, and rejects what waits', async () => {
    const { journal, failures, timers } = await openJournal({ appendFails: () => new StoreError('full', 'no room') })
    const appended = journal.append([custom(1)])
    const rejected = expect(appended).rejects.toThrow('no room')
    await turn()
    await timers.advance(31_000)
    await rejected
    expect(failures).toMatchObject([{ kind: 'store' }])
    await expect(journal.append([custom(2)])).rejects.toThrow('no room')
  })

  test('stops at once where another node writes', async () => {
    const { journal, failures } = await openJournal({ appendFails: () => ({ kind: 'fenced' }) })
    await expect(journal.append([custom(1)])).rejects.toThrow('another node')
    expect(failures).toMatchObject([{ kind: 'fenced' }])
  })

  test('stops at once where the head is not where it should be', async () => {
    const { journal, failures } = await openJournal({ appendFails: () => ({ kind: 'conflict', head: 7 }) })
    await expect(journal.append([custom(1)])).rejects.toThrow('head is 7')
    await vi.waitFor(() => expect(failures).toHaveLength(1))
  })
})
