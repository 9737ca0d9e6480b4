import Database from 'better-sqlite3'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { journalWriter } from './journal-writer.ts'
import { scratchFile } from './scratch.ts'

/** A store file that was closed in good order. */
async function closedStore(): Promise<string> {
  const file = await scratchFile()
  const store = await openSqliteStore({ file })
  await (await journalWriter(store, 's')).write('one', 'two', Buffer.alloc(100_000, 'x'))
  await store.close()
  return file
}

/** Does something as a user whom file permissions bind; they do not bind root. */
async function asNobody<Result>(deed: () => Promise<Result>): Promise<Result> {
  const { geteuid, seteuid } = process
  if (geteuid?.() !== 0 || seteuid === undefined) return deed()
  seteuid(65_534)
  try {
    return await deed()
  } finally {
    seteuid(0)
  }
}

/** What opening rejects with. Opening it a second time must say the same, not that the first try has it locked. */
async function refusalOf(file: string): Promise<{ readonly code: string; readonly message: string }> {
  const refusal = () =>
    openSqliteStore({ file }).then(
      () => 'opened',
      (error: { code: string; message: string }) => error,
    )
  const [first, second] = [await refusal(), await refusal()]
  expect(second).toMatchObject(first as object)
  expect(first).toMatchObject({ name: 'StoreError', message: expect.stringContaining(file) })
  return first as { code: string; message: string }
}

describe('a SQLite store is not opened', () => {
  // Linux has such a place.
  test.runIf(existsSync('/proc/self'))('where its directory cannot be made', async () => {
    expect(await refusalOf('/proc/throughline/store.db')).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/Check the path/),
    })
  })

  test('where a part of its path is a file', async () => {
    const file = await scratchFile()
    writeFileSync(file, '')
    expect(await refusalOf(`${file}/further/store.db`)).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/Check the path/),
    })
  })

  test('where the file is no database', async () => {
    const file = await scratchFile()
    writeFileSync(file, 'this was never a database, but it is long enough to have a header. '.repeat(10))
    expect(await refusalOf(file)).toMatchObject({ code: 'corrupt' })
    expect(readFileSync(file, 'utf8')).toMatch(/^this was never/)
  })

  test('where the header was overwritten', async () => {
    const file = await closedStore()
    const bytes = readFileSync(file)
    bytes.fill(0xff, 0, 100)
    writeFileSync(file, bytes)
    expect(await refusalOf(file)).toMatchObject({ code: 'corrupt' })
  })

  test('where the file was cut off', async () => {
    const file = await closedStore()
    truncateSync(file, 4096 * 5)
    expect(await refusalOf(file)).toMatchObject({ code: 'corrupt', message: expect.stringMatching(/restore it from a backup/) })
  })

  test('where a later version wrote the file, which stays as it is', async () => {
    const file = await closedStore()
    const database = new Database(file)
    database.pragma('user_version = 99')
    database.close()
    const before = readFileSync(file)
    expect(await refusalOf(file)).toMatchObject({ code: 'too_new', message: expect.stringMatching(/schema version 99.*Update the server/) })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('where the file is a database of another program, which stays as it is', async () => {
    const file = await scratchFile()
    const database = new Database(file)
    database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)')
    database.close()
    const before = readFileSync(file)
    expect(await refusalOf(file)).toMatchObject({ code: 'failed', message: expect.stringMatching(/another program/) })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('where a directory is in place of the file', async () => {
    const file = await scratchFile()
    mkdirSync(file)
    expect(await refusalOf(file)).toMatchObject({ code: 'failed', message: expect.stringMatching(/is a directory/) })
  })

  test('where a file is in place of the directory', async () => {
    const file = await scratchFile('occupied/store.db')
    writeFileSync(dirname(file), 'a file')
    expect(await refusalOf(file)).toMatchObject({ name: 'StoreError' })
  })

  test('where the file may not be written', async () => {
    const file = await closedStore()
    chmodSync(dirname(file), 0o777)
    chmodSync(`${file}.lock`, 0o666)
    chmodSync(file, 0o444)
    expect(await asNobody(() => refusalOf(file))).toMatchObject({ code: 'read_only', message: expect.stringMatching(/write access/) })
  })

  test('where its directory may not be written', async () => {
    const file = await scratchFile()
    chmodSync(dirname(file), 0o555)
    expect(await asNobody(() => refusalOf(file))).toMatchObject({ code: 'read_only', message: expect.stringMatching(/write access/) })
  })

  test('where its directory may not be made', async () => {
    const file = await scratchFile('sub/store.db')
    chmodSync(dirname(dirname(file)), 0o555)
    expect(await asNobody(() => refusalOf(file))).toMatchObject({ code: 'read_only' })
  })
})

describe('an open SQLite store', () => {
  test('says that it cannot serve once its file was moved away', async () => {
    const file = await scratchFile()
    const store = await openSqliteStore({ file })
    await store.ping()
    renameSync(file, `${file}.moved`)
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('moved') })
    renameSync(`${file}.moved`, file)
    await store.ping()
    await store.close()
  })

  test('says that it cannot serve once its file was deleted', async () => {
    const file = await scratchFile()
    const store = await openSqliteStore({ file })
    rmSync(file)
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' })
    await store.close()
  })

  test('says so where another connection keeps it from writing, and goes on after it', async () => {
    const file = await scratchFile()
    const store = await openSqliteStore({ file })
    const stranger = new Database(file)
    stranger.exec('BEGIN IMMEDIATE')
    await expect(store.ping()).rejects.toMatchObject({ code: 'locked' })
    stranger.exec('ROLLBACK')
    stranger.close()
    await store.ping()
    await store.close()
  })

  test('leaves no log behind when it is closed', async () => {
    const file = await closedStore()
    expect(existsSync(`${file}-wal`)).toBe(false)
  })
})
