import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { scratchDirectory } from './scratch.ts'

const SESSIONS = ['a', 'b', 'c']

type Step =
  | { readonly kind: 'create' | 'remove' | 'fold' | 'snapshot' | 'lease' | 'release'; readonly session: string; readonly seq: number }
  | {
      readonly kind: 'append'
      readonly session: string
      readonly off: number
      readonly events: number
      readonly bytes: number
      readonly again: boolean
    }
  | { readonly kind: 'reopen' }

const session = fc.constantFrom(...SESSIONS)
const seq = fc.integer({ min: 0, max: 12 })

const append: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('append' as const),
  session,
  off: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) }),
  events: fc.integer({ min: 1, max: 3 }),
  bytes: fc.integer({ min: 0, max: 40 }),
  again: fc.boolean(),
})
const other: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('create', 'remove', 'fold', 'snapshot', 'lease', 'release'),
  session,
  seq,
})
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: append },
    { weight: 5, arbitrary: other },
    { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  ),
  { maxLength: 60 },
)

test('whatever is done to them, the SQLite store answers as the memory store does', async () => {
  const { path, remove } = await scratchDirectory()
  let file = 0
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      file += 1
      const memory = createMemoryStore()
      const open = () => openSqliteStore({ file: `${path}/${file}.db`, indexing: { rows: 5, idleMs: 1 } })
      let sqlite = await open()
      try {
        for (const name of SESSIONS) await both(memory, sqlite, { kind: 'create', session: name, seq: 0 })
        for (const [at, step] of script.entries()) {
          if (step.kind === 'reopen') {
            await sqlite.close()
            sqlite = await open()
            // Leases end with their process; the memory store's would not.
            for (const name of SESSIONS) await memory.release(name, 'node-1')
          } else await both(memory, sqlite, step, at)
          for (const name of SESSIONS) expect(await answersOf(sqlite, name)).toEqual(await answersOf(memory, name))
        }
      } finally {
        await sqlite.close()
      }
    }),
    { numRuns: 40 },
  )
  await remove()
})

async function both(memory: Store, sqlite: Store, step: Exclude<Step, { kind: 'reopen' }>, at = 0): Promise<void> {
  expect(await take(sqlite, step, at)).toEqual(await take(memory, step, at))
}

/** Takes a step; gives back what can be compared of the answer. */
async function take(store: Store, step: Exclude<Step, { kind: 'reopen' }>, at: number): Promise<unknown> {
  const { session: name } = step
  switch (step.kind) {
    case 'create':
      return store.create({ id: name, owner: 'ann', key: name, birth: 'birth00000', createdAt: 1 })
    case 'remove':
      return store.remove(name, step.seq === 0 ? undefined : step.seq)
    case 'fold':
      return store.fold(name, step.seq).then(
        () => 'folded',
        (error: { code: string; message: string }) => [error.code, error.message],
      )
    case 'snapshot': {
      const rows = [{ ordinal: step.seq % 4, id: `m${step.seq}`, json: `"${at}"` }]
      return store.saveSnapshot(name, { seq: step.seq, mark: 'mark000000', json: `"${at}"`, messages: 1 + (step.seq % 4), rows })
    }
    case 'lease':
      return (await store.lease(name, 'node-1', 60_000))?.node
    case 'release':
      return store.release(name, 'node-1')
    case 'append': {
      const after = Math.max(0, ((await store.bounds(name))?.head ?? 0) + step.off)
      const fence = (await store.lease(name, 'node-1', 60_000))?.fence ?? 0
      const frame = Buffer.from(`${at}`.padEnd(step.bytes, '.'))
      const batch = { from: after + 1, to: after + step.events, mark: `mark${String(at).padStart(6, '0')}`, at, frame }
      const tries = step.again ? [1, 2] : [1]
      return Promise.all(tries.map(() => store.append({ session: name, fence, after, batch })))
    }
    default:
      return step satisfies never
  }
}

async function answersOf(store: Store, name: string): Promise<unknown> {
  const seqs = Array.from({ length: 16 }, (_, at) => at)
  return {
    found: await store.find(name),
    bounds: await store.bounds(name),
    all: await store.read(name, 0, Infinity),
    some: await Promise.all([2, 5, 9].map((after) => store.read(name, after, 50))),
    marks: await Promise.all(seqs.map((at) => store.markAt(name, at))),
    bytes: await Promise.all(seqs.map((at) => store.bytesAfter(name, at))),
    snapshot: await store.snapshot(name),
    messages: await store.messages(name, 9, 9, 9999),
  }
}
