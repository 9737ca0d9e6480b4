import { renameSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createCheckpointer, type Checkpointer, type CheckpointerStart } from '../../src/store/checkpointer.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { StoreError } from '../../src/store/store-error.ts'
import { framesOf, journalWriter } from './journal-writer.ts'
import { scratchFile } from './scratch.ts'

const NEVER = 2 ** 40
const MIB = 1024 * 1024

async function writtenStore(checkpoints: { readonly bytes: number; readonly truncateBytes: number }) {
  const file = await scratchFile()
  const warnings: StoreError[] = []
  const store = await openSqliteStore({ file, checkpoints, onWarning: (warning) => warnings.push(warning) })
  onTestFinished(() => store.close())
  const writer = await journalWriter(store, 's')
  return { file, store, writer, warnings, sizeOf: (suffix: '' | '-wal') => statSync(`${file}${suffix}`).size }
}

describe('the write-ahead log', () => {
  test('is copied into the database by a thread, each time that so much was written', async () => {
    const { writer, sizeOf, warnings } = await writtenStore({ bytes: MIB, truncateBytes: NEVER })
    await writer.write(Buffer.alloc(MIB / 2))
    expect(sizeOf('')).toBeLessThan(MIB / 2)
    await writer.write(Buffer.alloc(MIB))
    await vi.waitFor(() => expect(sizeOf('')).toBeGreaterThan(1.5 * MIB), 3000)
    expect(warnings).toEqual([])
  })

  test('is never copied on the event loop while there is a thread for it', async () => {
    const { writer, sizeOf } = await writtenStore({ bytes: NEVER, truncateBytes: NEVER })
    await writer.write(...Array.from({ length: 10 }, () => Buffer.alloc(MIB)))
    expect(sizeOf('')).toBeLessThan(MIB)
  })

  test('is emptied where it became large, and nothing is lost by it', async () => {
    const { store, writer, sizeOf, warnings } = await writtenStore({ bytes: MIB, truncateBytes: 2 * MIB })
    const frames = Array.from({ length: 12 }, (_, place) => `${place}`.padEnd(MIB / 4, '.'))
    await writer.write(...frames)
    await vi.waitFor(async () => {
      if (sizeOf('-wal') > MIB) await writer.write('more')
      expect(sizeOf('-wal')).toBeLessThan(MIB)
    }, 3000)
    expect((await framesOf(store, 's')).slice(0, 12)).toEqual(frames)
    expect(warnings).toEqual([])
  })

  test('is emptied again and again under many writers and readers, and nothing is lost by it', async () => {
    const { store, writer, warnings } = await writtenStore({ bytes: 1, truncateBytes: 1 })
    const other = await journalWriter(store, 'other')
    const written: string[] = []
    for (let round = 0; round < 200; round += 1) {
      written.push(`${round}`.padEnd(2000, '.'))
      await Promise.all([writer.write(written.at(-1) ?? ''), other.write('x')])
      if (round % 20 === 0) expect(await framesOf(store, 's')).toEqual(written)
    }
    expect(await framesOf(store, 's')).toEqual(written)
    expect(await framesOf(store, 'other')).toHaveLength(200)
    expect(warnings).toEqual([])
  })

  test('is seen to on the event loop where the thread cannot start, and that is told', async () => {
    const { file, store, writer, warnings, sizeOf } = await writtenStore({ bytes: MIB, truncateBytes: NEVER })
    renameSync(file, `${file}.moved`)
    await writer.write(Buffer.alloc(MIB))
    await vi.waitFor(() => expect(warnings).toHaveLength(1), 3000)
    expect(warnings[0]).toMatchObject({ name: 'StoreError', message: expect.stringContaining('checkpoint thread is down') })
    renameSync(`${file}.moved`, file)
    await writer.write(...Array.from({ length: 20 }, () => Buffer.alloc(MIB)))
    expect(sizeOf('')).toBeGreaterThan(4 * MIB)
    expect(warnings).toHaveLength(1)
    await store.ping()
  })
})

/** A checkpointer whose thread uses a driver that does as told. */
async function checkpointerWith(driver: string, start: Partial<CheckpointerStart> = {}) {
  const file = await scratchFile('driver.cjs')
  writeFileSync(file, driver)
  const events: string[] = []
  const checkpointer: Checkpointer = createCheckpointer({
    file: 'unused',
    driver: file,
    pace: { bytes: 10, truncateBytes: 4096 },
    hold: () => {
      events.push('hold')
      return () => void events.push('release')
    },
    onFailed: (error) => void events.push(`failed: ${(error as Error).message}`),
    onDown: (error) => void events.push(`down: ${(error as Error).message}`),
    ...start,
  })
  onTestFinished(() => checkpointer.close())
  return { checkpointer, events }
}

const driver = (pragma: string) => `module.exports = class { close() {} pragma(text) { ${pragma} } }`

describe('a checkpointer', () => {
  test('does nothing before so much was written', async () => {
    const early = await checkpointerWith('throw new Error("started")')
    early.checkpointer.wrote(4)
    early.checkpointer.wrote(5)
    const late = await checkpointerWith('throw new Error("started")')
    late.checkpointer.wrote(10)
    await vi.waitFor(() => expect(late.events).toEqual(['down: started']), 3000)
    expect(early.events).toEqual([])
  })

  test('says once that its thread cannot start', async () => {
    const { checkpointer, events } = await checkpointerWith('throw new Error("no native part")')
    checkpointer.wrote(10)
    await vi.waitFor(() => expect(events).toEqual(['down: no native part']), 3000)
    checkpointer.wrote(10)
    await checkpointer.close()
    expect(events).toEqual(['down: no native part'])
  })

  test('tells of a checkpoint that failed, and makes the next', async () => {
    const { checkpointer, events } = await checkpointerWith(driver('throw new Error("disk full")'))
    checkpointer.wrote(10)
    await vi.waitFor(() => expect(events).toEqual(['failed: disk full']), 3000)
    checkpointer.wrote(10)
    await vi.waitFor(() => expect(events).toEqual(['failed: disk full', 'failed: disk full']), 3000)
  })

  test('holds up writers only while a large log is emptied', async () => {
    const { checkpointer, events } = await checkpointerWith(driver('return [{ busy: 0, log: 1, checkpointed: 1 }]'))
    checkpointer.wrote(10)
    await vi.waitFor(() => expect(events).toEqual(['hold', 'release']), 3000)
  })

  test('holds up nobody for a small log', async () => {
    const seen = 'if (text.includes("truncate")) throw new Error("truncated"); return [{ busy: 0, log: 0, checkpointed: 0 }]'
    const { checkpointer, events } = await checkpointerWith(driver(seen))
    checkpointer.wrote(10)
    await checkpointer.close()
    expect(events).toEqual([])
  })

  test('lets writers go on where its thread dies while they wait', async () => {
    const dying = 'if (text.includes("truncate")) process.exit(); return [{ busy: 0, log: 1, checkpointed: 1 }]'
    const { checkpointer, events } = await checkpointerWith(driver(dying))
    checkpointer.wrote(10)
    await vi.waitFor(() => expect(events.toSorted()).toEqual(['down: the checkpoint thread ended', 'hold', 'release']), 3000)
    await checkpointer.close()
  })

  test('copies again what came meanwhile before it holds up writers', async () => {
    const catchingUp =
      'const left = (this.left = (this.left ?? 4000) - 1500); if (text.includes("truncate")) throw new Error("left " + left); return [{ busy: 0, log: 9000, checkpointed: 9000 - left }]'
    const { checkpointer, events } = await checkpointerWith(driver(catchingUp))
    checkpointer.wrote(10)
    await vi.waitFor(() => expect(events).toEqual(['hold', 'release', 'failed: left -500']), 3000)
  })
})
