import Database from 'better-sqlite3'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite-store.ts'
import { framesOf, journalWriter } from './journal-writer.ts'
import { scratchFile } from './scratch.ts'

const NEVER = 2 ** 30

async function open(indexing: SqliteStoreOptions['indexing'], options: Partial<SqliteStoreOptions> = {}) {
  const file = await scratchFile()
  const store = await openSqliteStore({ file, indexing, ...options })
  const onlooker = new Database(file, { readonly: true })
  onTestFinished(async () => {
    onlooker.close()
    await store.close()
  })
  const count = (sql: string) => onlooker.prepare<[], number>(sql).pluck().get() ?? 0
  return {
    file,
    store,
    indexed: () => count('SELECT count(*) FROM journal_index'),
    through: () => count(`SELECT value FROM counters WHERE name = 'indexed'`),
    unclaimed: () =>
      count(
        `SELECT count(*) FROM journal WHERE row <= (SELECT value FROM counters WHERE name = 'indexed')
         AND row NOT IN (SELECT row FROM journal_index)`,
      ),
    rows: () => count('SELECT count(*) FROM journal'),
  }
}

describe('the index of the journal', () => {
  test('is not written with an append', async () => {
    const { store, indexed, rows } = await open({ rows: NEVER, idleMs: NEVER })
    await (await journalWriter(store, 's')).write('one', 'two')
    expect([rows(), indexed()]).toEqual([2, 0])
    expect(await framesOf(store, 's')).toEqual(['one', 'two'])
  })

  test('is written as soon as so many rows wait', async () => {
    const { store, indexed, through } = await open({ rows: 4, idleMs: NEVER })
    const writer = await journalWriter(store, 's')
    await writer.write('one', 'two', 'three')
    expect(indexed()).toBe(0)
    await writer.write('four')
    await vi.waitFor(() => expect([indexed(), through()]).toEqual([4, 4]))
    await writer.write('five', 'six', 'seven', 'eight')
    await vi.waitFor(() => expect([indexed(), through()]).toEqual([8, 8]))
  })

  test('is written in slices, so that no turn takes long, and never claims a row that it lacks', async () => {
    const { store, indexed, through, unclaimed } = await open({ rows: 15_000, idleMs: NEVER })
    const frames = Array.from({ length: 5000 }, (_, place) => `${place}`)
    for (const session of ['a', 'b', 'c']) await (await journalWriter(store, session)).writeAtOnce(...frames)
    const seen = new Set<number>()
    while (through() < 15_000) {
      expect(unclaimed()).toBe(0)
      seen.add(indexed())
      await nextTurn()
    }
    expect(indexed()).toBe(15_000)
    expect(seen.size).toBeGreaterThan(2)
    for (const session of ['a', 'b', 'c']) expect(await framesOf(store, session)).toEqual(frames)
  })

  test('is written once no row came for a while', async () => {
    const { store, indexed, through } = await open({ rows: NEVER, idleMs: 1 })
    await (await journalWriter(store, 's')).write('one', 'two')
    await vi.waitFor(() => expect([indexed(), through()]).toEqual([2, 2]))
  })

  test('is written for rows too that came while others were written', async () => {
    const { store, indexed, through } = await open({ rows: 2, idleMs: 1 })
    const writer = await journalWriter(store, 's')
    await writer.writeAtOnce('one', 'two')
    // Comes in the turn in which the first two are indexed.
    await writer.write('three')
    await vi.waitFor(() => expect([indexed(), through()]).toEqual([3, 3]))
  })

  test('claims rows too that came just before it was written', async () => {
    const { store, indexed, through } = await open({ rows: NEVER, idleMs: 1 })
    const writer = await journalWriter(store, 's')
    await writer.write('one')
    // The turn takes so long that the second row is called for when the first is due, and both go into one transaction.
    const due = performance.now() + 5
    while (performance.now() < due);
    await writer.write('two')
    await vi.waitFor(() => expect([indexed(), through()]).toEqual([2, 2]))
  })

  test('is written when the store is closed', async () => {
    const { store, indexed } = await open({ rows: NEVER, idleMs: NEVER })
    await (await journalWriter(store, 's')).write('one', 'two')
    await store.close()
    expect(indexed()).toBe(2)
  })

  test('and the rows that it lacks are read together, in order', async () => {
    const { store, indexed } = await open({ rows: 3, idleMs: NEVER })
    const writer = await journalWriter(store, 's')
    await writer.write('one', 'two', 'three')
    await vi.waitFor(() => expect(indexed()).toBe(3))
    await writer.write('four', 'five')
    expect(await framesOf(store, 's')).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect((await store.read('s', 2, 8)).map(({ frame }) => frame.toString())).toEqual(['three'])
    expect((await store.read('s', 2, 9)).map(({ frame }) => frame.toString())).toEqual(['three', 'four'])
    expect(await Promise.all([3, 4, 5].map((seq) => store.markAt('s', seq)))).toEqual(['m000000003', 'm000000004', 'm000000005'])
    expect(await Promise.all([1, 3, 4].map((seq) => store.bytesAfter('s', seq)))).toEqual([16, 8, 4])
  })

  test('is made up at the next opening for rows that a killed process left', async () => {
    const { store, file, indexed, through } = await open({ rows: NEVER, idleMs: NEVER })
    await (await journalWriter(store, 'a')).write('one', 'two')
    await (await journalWriter(store, 'b')).write('three')
    await store.close()
    const database = new Database(file)
    database.exec(`DELETE FROM journal_index; UPDATE counters SET value = 1 WHERE name = 'indexed'`)
    // Row 1 was indexed in good order, row 3 in the middle of a pass that did not come to its end.
    database.exec(`INSERT INTO journal_index SELECT session, upto, row FROM journal WHERE row IN (1, 3)`)
    database.close()
    const reopened = await openSqliteStore({ file })
    expect([indexed(), through()]).toEqual([3, 3])
    expect(await framesOf(reopened, 'a')).toEqual(['one', 'two'])
    expect(await framesOf(reopened, 'b')).toEqual(['three'])
    await reopened.close()
  })

  test('never takes a new row for one that was indexed, though the newest rows were deleted', async () => {
    const { store, file } = await open({ rows: NEVER, idleMs: NEVER })
    await (await journalWriter(store, 'kept')).write('one')
    await (await journalWriter(store, 'gone')).write('two', 'three')
    await store.close()
    const second = await openSqliteStore({ file, indexing: { rows: NEVER, idleMs: NEVER } })
    await second.remove('gone')
    await second.close()
    const third = await openSqliteStore({ file, indexing: { rows: NEVER, idleMs: NEVER } })
    await (await journalWriter(third, 'new')).write('four')
    const onlooker = new Database(file, { readonly: true })
    const rows = onlooker.prepare('SELECT row FROM journal ORDER BY row').pluck().all()
    onlooker.close()
    expect(rows).toEqual([1, 4])
    expect(await framesOf(third, 'new')).toEqual(['four'])
    await third.close()
  })

  test('holds no row of a session that was removed before it was written', async () => {
    const { store, indexed, rows } = await open({ rows: 3, idleMs: NEVER })
    await (await journalWriter(store, 'gone')).write('one', 'two')
    await store.remove('gone')
    const writer = await journalWriter(store, 'kept')
    await writer.write('three', 'four', 'five')
    await vi.waitFor(() => expect(indexed()).toBe(3))
    expect(rows()).toBe(3)
  })

  test('is not harmed by rows that could not be stored', async () => {
    const { store, indexed } = await open({ rows: NEVER, idleMs: NEVER }, { maxBytes: 512 * 1024 })
    const writer = await journalWriter(store, 's')
    await writer.write('one')
    await expect(writer.append(Buffer.alloc(1024 * 1024))).rejects.toMatchObject({ code: 'full' })
    await writer.write('two')
    expect(await framesOf(store, 's')).toEqual(['one', 'two'])
    await store.close()
    expect(indexed()).toBe(2)
  })

  test('that cannot be written is told of, and reads stay right', async () => {
    const file = await scratchFile()
    const warnings: unknown[] = []
    const store = await openSqliteStore({ file, indexing: { rows: 2, idleMs: NEVER }, onWarning: (warning) => warnings.push(warning) })
    const stranger = new Database(file)
    stranger.exec(`CREATE TRIGGER no_index BEFORE INSERT ON journal_index BEGIN SELECT raise(ABORT, 'no index today'); END`)
    const writer = await journalWriter(store, 's')
    await writer.write('one', 'two', 'three')
    await vi.waitFor(() =>
      expect(warnings).toMatchObject([{ name: 'StoreError', message: expect.stringContaining('cannot be indexed yet') }]),
    )
    expect(await framesOf(store, 's')).toEqual(['one', 'two', 'three'])
    stranger.exec('DROP TRIGGER no_index')
    stranger.close()
    await store.close()
    const reopened = await openSqliteStore({ file })
    expect(await framesOf(reopened, 's')).toEqual(['one', 'two', 'three'])
    await reopened.close()
  })
})
