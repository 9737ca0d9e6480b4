import { PARTS_PER_MESSAGE, type SessionEvent, type Snapshot } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { Projection } from '../../src/journal/projection.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { MessageRow, SnapshotWrite, Store } from '../../src/store/port.ts'
import { batchesOf, decode } from './batches.ts'

const started = (run: string, message: string, text: string): SessionEvent => ({
  type: 'RUN_STARTED',
  threadId: 's1',
  runId: run,
  input: { threadId: 's1', runId: run, messages: [{ id: message, role: 'user', content: text }], tools: [], context: [] },
})
const finished = (run: string): SessionEvent => ({ type: 'RUN_FINISHED', threadId: 's1', runId: run })
const answer = (id: string, text: string): SessionEvent[] => [
  { type: 'TEXT_MESSAGE_START', messageId: id },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: text },
  { type: 'TEXT_MESSAGE_END', messageId: id },
]
const turnOf = (n: number, text = `answer ${n}`): SessionEvent[] => [
  started(`r${n}`, `m${n}`, `question ${n}`),
  ...answer(`t${n}`, text),
  finished(`r${n}`),
]
const rewound = (from: string): SessionEvent => ({ type: 'CUSTOM', name: 'throughline/rewound', value: { from } })

async function storing(lists: readonly (readonly SessionEvent[])[]) {
  const memory = createMemoryStore()
  await memory.create({ id: 's1', owner: 'p', birth: 'birthmark-', createdAt: 0 })
  const lease = await memory.lease('s1', 'node', 60_000)
  const batches = batchesOf(lists)
  const append = async (batch: (typeof batches)[number]) => {
    await memory.append({ session: 's1', fence: lease?.fence ?? 0, after: batch.from - 1, batch })
  }
  const written: SnapshotWrite[] = []
  const store: Store = new Proxy(memory, {
    get: (target, name) => {
      if (name === 'saveSnapshot') {
        return (session: string, snapshot: SnapshotWrite) => {
          written.push(snapshot)
          return memory.saveSnapshot(session, snapshot)
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  const head = async () => (await memory.bounds('s1'))?.head ?? 0
  const load = async () => {
    const through = await head()
    return Projection.load(store, 's1', 'birthmark-', () => through)
  }
  return { store, batches, append, written, load }
}

const ids = (rows: readonly MessageRow[]) => rows.map(({ ordinal, id }) => [ordinal, id])

describe('the projection', () => {
  test('makes no snapshot above 1 MiB, however much an app keeps in custom values', async () => {
    const values = Array.from({ length: 64 }, (_, n): SessionEvent => ({ type: 'CUSTOM', name: `app/${n}`, value: 'x'.repeat(100 * 1024) }))
    const { batches, append, load } = await storing([turnOf(1, 'x'.repeat(200 * 1024)), ...values.map((event) => [event])])
    for (const batch of batches) await append(batch)
    const { json } = await (await load()).snapshot()
    expect(json.length).toBeLessThan(1024 * 1024)
    const { transcript } = JSON.parse(json) as Snapshot
    expect(Object.keys(transcript.custom)).toEqual(['app/62', 'app/63'])
    expect(transcript.messages).toHaveLength(2)
  })

  test('is the fold of the journal, and its snapshot is valid through the last batch', async () => {
    const { batches, append, load } = await storing([turnOf(1)])
    for (const batch of batches) await append(batch)
    const projection = await load()
    const { seq, json } = await projection.snapshot()
    const snapshot = JSON.parse(json) as Snapshot
    expect(seq).toBe(5)
    expect(snapshot).toMatchObject({ cursor: `${batches[0]?.mark}.5`, more: false })
    expect(snapshot.transcript).toEqual(projection.transcript)
  })

  test('of an empty journal is valid through the birth', async () => {
    const { load } = await storing([])
    const { json } = await (await load()).snapshot()
    expect(JSON.parse(json)).toMatchObject({ cursor: 'birthmark-.0', more: false, transcript: { messages: [] } })
  })

  test('loads the same from a stored snapshot and the rows after it', async () => {
    const { batches, append, load } = await storing([turnOf(1), turnOf(2), turnOf(3)])
    for (const batch of batches.slice(0, 2)) await append(batch)
    await (await load()).save()
    for (const batch of batches.slice(2)) await append(batch)
    const { transcript } = await load()
    expect(transcript.messages.map(({ id }) => id)).toEqual(['m1', 'r1', 'm2', 'r2', 'm3', 'r3'])
    expect(transcript.runs).toHaveLength(3)
  })

  test('writes a settled message once', async () => {
    const { batches, append, written, load } = await storing([turnOf(1), turnOf(2)])
    for (const batch of batches) await append(batch)
    const projection = await load()
    await projection.save()
    const more = batchesOf([[...batches.flatMap((batch) => decode(batch).events)], turnOf(3)]).slice(1)
    for (const batch of more) projection.apply(batch, decode(batch).events)
    await projection.save()
    expect(written.map(({ rows }) => ids(rows))).toEqual([
      [
        [0, 'm1'],
        [1, 'r1'],
        [2, 'm2'],
        [3, 'r2'],
      ],
      [
        [4, 'm3'],
        [5, 'r3'],
      ],
    ])
  })

  test('writes a settled message again that a late event touched', async () => {
    const call: SessionEvent = { type: 'TOOL_CALL_START', toolCallId: 'k1', toolCallName: 'slow' }
    const late: SessionEvent = { type: 'TOOL_CALL_RESULT', messageId: 'x', toolCallId: 'k1', content: 'at last' }
    const { batches, append, written, load } = await storing([[started('r1', 'm1', 'q'), call, finished('r1')], turnOf(2), [late]])
    for (const batch of batches.slice(0, 2)) await append(batch)
    const projection = await load()
    await projection.save()
    const last = batches[2]
    if (last !== undefined) projection.apply(last, decode(last).events)
    await projection.save()
    expect(ids(written[1]?.rows ?? [])).toEqual([[1, 'r1']])
  })

  test('saves nothing where nothing came since', async () => {
    const { batches, append, written, load } = await storing([turnOf(1)])
    for (const batch of batches) await append(batch)
    const projection = await load()
    await projection.save()
    await projection.save()
    expect(written).toHaveLength(1)
  })

  test('ignores a batch that it has folded already', async () => {
    const { batches, append, load } = await storing([turnOf(1)])
    for (const batch of batches) await append(batch)
    const projection = await load()
    const before = projection.transcript
    for (const batch of batches) projection.apply(batch, decode(batch).events)
    expect(projection.transcript).toBe(before)
  })

  test('drops rows that a rewind took back', async () => {
    const { store, batches, append, load } = await storing([turnOf(1), turnOf(2), [rewound('m2'), ...turnOf(3)]])
    for (const batch of batches.slice(0, 2)) await append(batch)
    const projection = await load()
    await projection.save()
    const last = batches[2]
    if (last === undefined) throw new Error('no batch')
    await append(last)
    projection.apply(last, decode(last).events)
    await projection.save()
    expect(ids(await store.messages('s1', 100, 100, 1_000_000)).toReversed()).toEqual([
      [0, 'm1'],
      [1, 'r1'],
      [2, 'm3'],
      [3, 'r3'],
    ])
  })

  test('keeps in memory only what a snapshot can hold, and says that there is more', async () => {
    const long = 'x'.repeat(300_000)
    const { store, batches, append, load } = await storing(Array.from({ length: 6 }, (_, n) => turnOf(n + 1, long)))
    for (const batch of batches) await append(batch)
    const projection = await load()
    await projection.save()
    expect(projection.transcript.messages.length).toBeLessThan(12)
    const { json } = await projection.snapshot()
    const snapshot = JSON.parse(json) as Snapshot
    expect(json.length).toBeLessThan(1_100_000)
    expect(snapshot.more).toBe(true)
    expect(snapshot.transcript.messages.at(-1)?.id).toBe('r6')
    expect((await projection.whole()).messages).toHaveLength(12)
    expect(await store.messages('s1', 100, 100, 10_000_000)).toHaveLength(12)
    expect((await load()).transcript.messages).toEqual(projection.transcript.messages)
  })

  test('finds its place again after a rewind to before what is in memory', async () => {
    const long = 'x'.repeat(300_000)
    const turns = Array.from({ length: 6 }, (_, n) => turnOf(n + 1, long))
    const { store, batches, append, load } = await storing([...turns, [rewound('m2'), ...turnOf(7)]])
    for (const batch of batches.slice(0, 6)) await append(batch)
    const projection = await load()
    await projection.save()
    const last = batches[6]
    if (last === undefined) throw new Error('no batch')
    await append(last)
    projection.apply(last, decode(last).events)
    await projection.save()
    expect(ids(await store.messages('s1', 100, 100, 10_000_000)).toReversed()).toEqual([
      [0, 'm1'],
      [1, 'r1'],
      [2, 'm7'],
      [3, 'r7'],
    ])
    expect(projection.transcript.messages.length).toBeLessThanOrEqual(PARTS_PER_MESSAGE)
  })
})
