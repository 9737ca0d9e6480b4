import Database from 'better-sqlite3'
import { closeSync, openSync, writeSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { StoreError } from '../../src/store/store-error.ts'
import { framesOf, journalWriter } from './journal-writer.ts'
import { scratchFile } from './scratch.ts'

/** A store with two sessions of ann whose file was damaged while it was closed. */
async function damagedStore(
  damage: (database: Database.Database, file: string) => void,
): Promise<{ readonly store: Store; readonly file: string; readonly warnings: StoreError[] }> {
  const file = await scratchFile()
  const first = await openSqliteStore({ file })
  for (const session of ['hurt', 'well']) {
    const writer = await journalWriter(first, session)
    await writer.write('one', 'two', 'three')
    const command = { principal: 'ann', id: 'c1', digest: 'd', result: { run: 'r1' }, at: 5 }
    await writer.append(Buffer.from('four'), { command, record: { last: { run: 'r1', outcome: 'success' } } })
    await first.setLayout(session, 'ann', { open: true, position: 1, settings: { model: 'x' } })
  }
  await first.close()
  const database = new Database(file)
  damage(database, file)
  database.close()
  const warnings: StoreError[] = []
  const store = await openSqliteStore({ file, onWarning: (warning) => warnings.push(warning) })
  onTestFinished(() => store.close())
  return { store, file, warnings }
}

const rowOf = (seq: number) => `session = (SELECT n FROM sessions WHERE id = 'hurt') AND upto = ${seq}`

describe('a damaged row', () => {
  test.each([
    ['is missing in the middle', `DELETE FROM journal WHERE ${rowOf(2)}`, 2],
    ['is missing at the begin', `DELETE FROM journal WHERE ${rowOf(1)}`, 1],
    ['is no frame', `UPDATE journal SET frame = 'text' WHERE ${rowOf(3)}`, 3],
    ['spans what it should not', `UPDATE journal SET first = 1 WHERE ${rowOf(2)}`, 2],
  ])('that %s fails reading that session, by name, and no other', async (_, sql, seq) => {
    const { store } = await damagedStore((database) => database.exec(sql))
    await expect(store.read('hurt', 0, Infinity)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(new RegExp(`event ${seq} of session hurt.*other sessions are unharmed`)),
    })
    expect(await framesOf(store, 'well')).toEqual(['one', 'two', 'three', 'four'])
  })

  test('at the end is never taken for a shorter journal', async () => {
    const { store } = await damagedStore((database) => database.exec(`DELETE FROM journal WHERE ${rowOf(4)}`))
    await expect(store.bounds('hurt')).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('session hurt') })
    await expect(store.append({ session: 'hurt', fence: 1, after: 3 })).rejects.toMatchObject({ code: 'corrupt' })
    expect(await store.bounds('well')).toMatchObject({ head: 4 })
  })

  test('that vanishes while the store is open is never taken for the end', async () => {
    const { store, file } = await damagedStore(() => {})
    expect(await store.bounds('hurt')).toMatchObject({ head: 4 })
    const stranger = new Database(file)
    stranger.exec(`DELETE FROM journal WHERE ${rowOf(4)}`)
    stranger.close()
    await expect(store.read('hurt', 3, Infinity)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('event 4') })
  })

  test('does not keep other sessions from being appended to in the same turn', async () => {
    const { store } = await damagedStore((database) => database.exec(`DELETE FROM journal WHERE ${rowOf(4)}`))
    const fence = (await store.lease('well', 'node-2', 1000))?.fence ?? 0
    const batch = { from: 5, to: 5, mark: 'mark000005', at: 5, frame: Buffer.from('five') }
    const [hurt, well] = await Promise.allSettled([
      store.append({ session: 'hurt', fence, after: 3 }),
      store.append({ session: 'well', fence, after: 4, batch }),
    ])
    expect([hurt.status, well.status]).toEqual(['rejected', 'fulfilled'])
    expect(await framesOf(store, 'well')).toHaveLength(5)
  })

  test('does not keep its session from being removed', async () => {
    const { store } = await damagedStore((database) => database.exec(`DELETE FROM journal WHERE ${rowOf(4)}`))
    await store.remove('hurt')
    expect(await store.find('hurt')).toEqual({ kind: 'unknown' })
  })
})

describe('damaged JSON', () => {
  test('of a last run is left out of the catalogue, and told', async () => {
    const { store, warnings } = await damagedStore((database) => database.exec(`UPDATE sessions SET last = '{"run' WHERE id = 'hurt'`))
    const listed = await store.list({ owner: 'ann', limit: 10 })
    expect(listed.map(({ record }) => [record.id, record.last?.run])).toEqual([
      ['well', 'r1'],
      ['hurt', undefined],
    ])
    expect(warnings).toMatchObject([{ name: 'StoreError', message: expect.stringContaining('last run of session hurt') }])
  })

  test('of layout settings is left out, and told', async () => {
    const { store, warnings } = await damagedStore((database) =>
      database.exec(`UPDATE layouts SET settings = '' WHERE session = (SELECT n FROM sessions WHERE id = 'hurt')`),
    )
    expect(await store.layout('hurt', 'ann')).toEqual({ open: true, position: 1 })
    expect(await store.layout('well', 'ann')).toEqual({ open: true, position: 1, settings: { model: 'x' } })
    expect(warnings).toMatchObject([{ message: expect.stringContaining('settings of session hurt') }])
  })

  test('of a command’s result is never taken for an answer', async () => {
    const { store } = await damagedStore((database) =>
      database.exec(`UPDATE commands SET result = 'not JSON' WHERE session = (SELECT n FROM sessions WHERE id = 'hurt')`),
    )
    await expect(store.command('hurt', 'ann', 'c1')).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('c1') })
    expect(await store.command('well', 'ann', 'c1')).toMatchObject({ result: { run: 'r1' } })
  })
})

describe('a damaged page', () => {
  test('fails reading the session whose rows it holds, and no other', async () => {
    const file = await scratchFile()
    const first = await openSqliteStore({ file })
    // Sessions one after another, so that each has pages of its own.
    for (const session of ['before', 'hurt', 'after']) {
      await (await journalWriter(first, session)).write(...Array.from({ length: 60 }, (_, place) => `${place} `.padEnd(1000, session)))
    }
    await first.close()
    spoil(file, pageOfJournal(file, 'hurt'))
    const store = await openSqliteStore({ file })
    await expect(store.read('hurt', 0, Infinity)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' })
    expect(await framesOf(store, 'before')).toHaveLength(60)
    expect(await framesOf(store, 'after')).toHaveLength(60)
    const writer = await journalWriter(store, 'fresh')
    await writer.write('still works')
    expect(await framesOf(store, 'fresh')).toEqual(['still works'])
    await store.close()
  })
})

/** A leaf page in the middle of a session's rows. */
function pageOfJournal(file: string, session: string): number {
  const database = new Database(file, { readonly: true })
  const rows = database
    .prepare(`SELECT row FROM journal WHERE session = (SELECT n FROM sessions WHERE id = ?) ORDER BY row`)
    .pluck()
    .all(session)
  const leaves = database.prepare(`SELECT pageno, ncell FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf' ORDER BY path`).all() as {
    pageno: number
    ncell: number
  }[]
  database.close()
  let row = Number(rows[30])
  for (const { pageno, ncell } of leaves) {
    row -= ncell
    if (row <= 0) return pageno
  }
  throw new Error('no such page')
}

function spoil(file: string, page: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, (page - 1) * 4096)
  closeSync(descriptor)
}
