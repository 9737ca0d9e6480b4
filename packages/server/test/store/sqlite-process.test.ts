import { readdir, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { scratchFile } from './scratch.ts'
import { startStoreProcess } from './store-process.ts'

describe('a SQLite file', () => {
  test('that another process has is refused as locked, by name and with what to do', async () => {
    const file = await scratchFile()
    const other = await startStoreProcess('keep-appending', `sqlite:${file}`)
    for await (const line of other.lines) if (line === 'open') break
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      name: 'StoreError',
      code: 'locked',
      message: expect.stringMatching(new RegExp(`${file}.*Stop that one, or give this one a file of its own`)),
    })
  })

  test.each(['normal', 'full'] as const)('holds all that was acknowledged before its process was killed (%s)', async (synchronous) => {
    const file = await scratchFile()
    const other = await startStoreProcess('keep-appending', `sqlite:${file}?synchronous=${synchronous}`)
    const acknowledged = new Map<string, number>()
    let fence = 0
    let lines = 0
    for await (const line of other.lines) {
      const [session = '', kind, seq, taken] = line.split(' ')
      if (kind === 'stored') acknowledged.set(session, Number(seq))
      fence = Math.max(fence, Number(taken ?? 0))
      lines += 1
      if (lines === 400) await other.kill()
    }
    const store = await openSqliteStore({ file })
    expect(acknowledged.size).toBe(5)
    for (const [session, seq] of acknowledged) {
      const batches = await store.read(session, 0, Infinity)
      expect(batches.length).toBeGreaterThanOrEqual(seq)
      expect(batches.map(({ frame }) => frame.toString())).toEqual(batches.map((_, place) => `${session}:${place + 1}`))
      expect(await store.bounds(session)).toMatchObject({ head: batches.length, mark: batches.at(-1)?.mark })
      expect(await store.command(session, 'ann', `c${seq}`)).toMatchObject({ result: { seq } })
    }
    expect((await store.lease('s1', 'parent', 1000))?.fence).toBeGreaterThan(fence)
    await store.close()
  })

  test('is free again once the process that had it was killed', async () => {
    const file = await scratchFile()
    const other = await startStoreProcess('keep-appending', `sqlite:${file}`)
    for await (const line of other.lines) if (line === 'open') break
    await other.kill()
    const store = await openSqliteStore({ file })
    await store.ping()
    await store.close()
    expect((await readdir(dirname(file))).toSorted()).toEqual(['store.db', 'store.db.lock'])
  })

  test('that this process has open already is refused as locked', async () => {
    const file = await scratchFile()
    const store = await openSqliteStore({ file })
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'locked' })
    await store.ping()
    await store.close()
  })

  test('is locked under every path that leads to it', async () => {
    const file = await scratchFile()
    const store = await openSqliteStore({ file })
    await symlink(file, `${file}.link`)
    await expect(openSqliteStore({ file: `${file}.link` })).rejects.toMatchObject({ code: 'locked' })
    await store.close()
  })

  test('is free again once its store was closed', async () => {
    const file = await scratchFile()
    for (let time = 0; time < 3; time += 1) await (await openSqliteStore({ file })).close()
  })
})
