import { expect, test } from 'vitest'
import { loadSqlite } from '../../src/store/sqlite-driver.ts'

test('better-sqlite3 is loaded and opens databases', async () => {
  const Driver = await loadSqlite()
  const database = new Driver(':memory:')
  expect(database.prepare('SELECT 1 AS one').get()).toEqual({ one: 1 })
  database.close()
})

test('where better-sqlite3 cannot be loaded the error names the line that helps, and the way without it', async () => {
  const missing = 'no-such-better-sqlite3'
  const loading = loadSqlite(() => import(/* @vite-ignore */ missing))
  await expect(loading).rejects.toMatchObject({
    name: 'StoreError',
    code: 'unavailable',
    message: expect.stringMatching(/apt-get install -y python3 make g\+\+.*--store memory:/s),
    cause: expect.any(Error),
  })
})
