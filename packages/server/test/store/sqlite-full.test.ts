import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { framesOf, journalWriter } from './journal-writer.ts'
import { scratchDirectory, scratchFile } from './scratch.ts'

const KIB = 1024
const block = (bytes: number) => Buffer.alloc(bytes, 'x')

async function open(file: string, maxBytes?: number): Promise<Store> {
  const store = await openSqliteStore({ file, maxBytes })
  onTestFinished(() => store.close())
  return store
}

/** Appends until there is no more room; gives back how many were stored. */
async function fill(writer: Awaited<ReturnType<typeof journalWriter>>, bytes: number): Promise<number> {
  for (let stored = 0; stored < 10_000; stored += 1) {
    try {
      await writer.append(block(bytes))
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreError', code: 'full', message: expect.stringContaining('no room') })
      return stored
    }
  }
  throw new Error('it never became full')
}

describe('a store without room', () => {
  test('refuses appends as full, and holds all that it acknowledged', async () => {
    const store = await open(await scratchFile(), 512 * KIB)
    const writer = await journalWriter(store, 's')
    const stored = await fill(writer, 16 * KIB)
    expect(stored).toBeGreaterThan(10)
    expect(await framesOf(store, 's')).toHaveLength(stored)
    expect(await store.bounds('s')).toMatchObject({ head: stored, bytes: stored * 16 * KIB })
  })

  test('stores nothing of what it refuses, effects neither', async () => {
    const store = await open(await scratchFile(), 512 * KIB)
    const writer = await journalWriter(store, 's')
    await fill(writer, 16 * KIB)
    await store.post('s', { id: 'e1', principal: 'ann', json: '{}' })
    const heads: number[] = []
    store.watchHeads((_, head) => heads.push(head))
    const command = { principal: 'ann', id: 'c1', digest: 'd', result: {}, at: 1 }
    await expect(writer.append(block(64 * KIB), { command, record: { title: 'changed' }, taken: ['e1'] })).rejects.toMatchObject({
      code: 'full',
    })
    expect(await store.command('s', 'ann', 'c1')).toBeUndefined()
    expect(await store.find('s')).not.toMatchObject({ record: { title: 'changed' } })
    expect(await store.inbox('s')).toHaveLength(1)
    expect(heads).toEqual([])
  })

  test('works again at the same head once there is room', async () => {
    const store = await open(await scratchFile(), 512 * KIB)
    const other = await journalWriter(store, 'other')
    await other.write(...Array.from({ length: 10 }, () => block(16 * KIB)))
    const writer = await journalWriter(store, 's')
    const stored = await fill(writer, 16 * KIB)
    await store.remove('other')
    expect(await writer.append(block(16 * KIB))).toEqual({ kind: 'stored' })
    expect(await store.bounds('s')).toMatchObject({ head: stored + 1 })
    expect(await framesOf(store, 's')).toHaveLength(stored + 1)
  })

  test('refuses only what does not fit, of all that comes in one turn', async () => {
    const store = await open(await scratchFile(), 512 * KIB)
    const [large, small, another] = [
      await journalWriter(store, 'large'),
      await journalWriter(store, 'small'),
      await journalWriter(store, 'another'),
    ]
    const [first, second, third] = await Promise.allSettled([
      small.append(block(100)),
      large.append(block(600 * KIB)),
      another.append(block(100)),
    ])
    expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await store.bounds('small')).toMatchObject({ head: 1 })
    expect(await store.bounds('large')).toMatchObject({ head: 0, bytes: 0 })
    expect(await framesOf(store, 'large')).toEqual([])
    expect(await framesOf(store, 'another')).toHaveLength(1)
  })
})

describe.runIf(canMount())('a store on a disk without room', () => {
  test('refuses appends as full, works again once there is room, and holds all that it acknowledged over a restart', async () => {
    const path = await smallDisk()
    const file = join(path, 'store.db')
    const store = await openSqliteStore({ file })
    const writer = await journalWriter(store, 's')
    fillDisk(path, 256 * KIB)
    const stored = await fill(writer, 16 * KIB)
    rmSync(join(path, 'ballast'))
    await writer.write('there is room again')
    await store.close()
    const reopened = await open(file)
    expect(await reopened.bounds('s')).toMatchObject({ head: stored + 1 })
    expect((await framesOf(reopened, 's')).at(-1)).toBe('there is room again')
  })

  test('says so when it is asked whether it can serve', async () => {
    const path = await smallDisk()
    const store = await open(join(path, 'store.db'))
    fillDisk(path)
    await expect(store.ping()).rejects.toMatchObject({ code: 'full' })
  })

  test('stores nothing of what it refuses at the commit, effects neither', async () => {
    const path = await smallDisk()
    const store = await open(join(path, 'store.db'))
    const writer = await journalWriter(store, 's')
    await store.post('s', { id: 'e1', principal: 'ann', json: '{}' })
    const heads: number[] = []
    store.watchHeads((_, head) => heads.push(head))
    fillDisk(path)
    const command = { principal: 'ann', id: 'c1', digest: 'd', result: {}, at: 1 }
    await expect(writer.append(block(100), { command, record: { title: 'changed' }, taken: ['e1'] })).rejects.toMatchObject({
      code: 'full',
    })
    expect(await store.command('s', 'ann', 'c1')).toBeUndefined()
    expect(await store.find('s')).not.toMatchObject({ record: { title: 'changed' } })
    expect(await store.inbox('s')).toHaveLength(1)
    expect(heads).toEqual([])
    expect(await store.bounds('s')).toMatchObject({ head: 0, bytes: 0 })
  })

  test('is not opened, and says why', async () => {
    const path = await smallDisk()
    fillDisk(path)
    await expect(openSqliteStore({ file: join(path, 'store.db') })).rejects.toMatchObject({ name: 'StoreError', code: 'full' })
  })
})

/** Writes all that fits, and then gives back some of it. */
function fillDisk(directory: string, leave = 0): void {
  const ballast = join(directory, 'ballast')
  for (let bytes = 4 * KIB * KIB; bytes >= 4 * KIB; bytes /= 2) {
    try {
      for (;;) writeFileSync(ballast, block(bytes), { flag: 'a' })
    } catch {
      // Full at this size; a smaller piece may fit.
    }
  }
  if (leave > 0) execFileSync('truncate', ['-s', `-${leave}`, ballast])
}

/** A directory that holds 2 MiB. */
async function smallDisk(): Promise<string> {
  const { path, remove } = await scratchDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path])
  onTestFinished(async () => {
    // Lazily, so that a test that fails with its store open leaves no mount behind.
    execFileSync('umount', ['-l', path])
    await remove()
  })
  return path
}

/** Only root may mount, and not in every container. */
function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'throughline-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path], { stdio: 'ignore' })
    execFileSync('umount', [path])
    return true
  } catch {
    return false
  } finally {
    rmSync(path, { recursive: true })
  }
}
