import { expect, onTestFinished, test } from 'vitest'
import { SqliteConnection } from '../../src/store/sqlite-connection.ts'
import { loadSqlite } from '../../src/store/sqlite-driver.ts'
import { openSqliteFile } from '../../src/store/sqlite-file.ts'
import { scratchFile } from './scratch.ts'

const NEVER = 2 ** 30

async function openConnection(): Promise<SqliteConnection> {
  const file = openSqliteFile(await loadSqlite(), { file: await scratchFile(), synchronous: 'normal' })
  const connection = new SqliteConnection(file, {
    indexing: { rows: NEVER, idleMs: NEVER },
    checkpoints: { bytes: NEVER, truncateBytes: NEVER },
    onWarning: () => {},
  })
  onTestFinished(() => connection.close())
  return connection
}

test('a head that was found in a transaction that failed is forgotten with it', async () => {
  const connection = await openConnection()
  const failing = connection.write(() => {
    connection.database.exec(
      `INSERT INTO sessions (id, owner, status, birth, created_at, updated_at, fold_mark) VALUES ('s', 'ann', 'idle', 'b', 1, 1, 'b')`,
    )
    expect(connection.heads.get('s')).toMatchObject({ n: 1, seq: 0 })
    throw new Error('something else went wrong')
  })
  await expect(failing).rejects.toMatchObject({ name: 'StoreError', code: 'failed' })
  expect(connection.heads.get('s')).toBeUndefined()
})

test('a transaction that somebody left open does not keep others from being stored', async () => {
  const connection = await openConnection()
  connection.database.exec(`BEGIN; UPDATE counters SET value = 7 WHERE name = 'pings'`)
  await connection.ping()
  expect(connection.database.prepare(`SELECT value FROM counters WHERE name = 'pings'`).pluck().get()).toBe(1)
})
