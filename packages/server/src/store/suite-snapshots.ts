import assert from 'node:assert/strict'
import type { MessageRow, SnapshotWrite } from './port.ts'
import type { Rules, SuiteBench, SuiteWriter } from './suite-bench.ts'

const ALL = 1e9

const row = (ordinal: number, text = 'first'): MessageRow => ({ ordinal, id: `m${ordinal}`, json: JSON.stringify({ ordinal, text }) })

const snapshot = (seq: number, messages: number, rows: readonly MessageRow[]): SnapshotWrite => ({
  seq,
  mark: `mark${String(seq).padStart(6, '0')}`,
  json: `{"through":${seq}}`,
  messages,
  rows,
})

/** A writer of a journal with three batches of two events. */
async function writtenJournal(bench: SuiteBench): Promise<{ readonly writer: SuiteWriter; readonly marks: readonly string[] }> {
  const writer = await bench.writer((await bench.session()).id)
  const marks: string[] = []
  for (const bytes of [100, 50, 7]) marks.push((await writer.write({ events: 2, bytes })).mark)
  return { writer, marks }
}

/** Snapshots, the rows of their messages, and the folding of what they cover. */
export const snapshotRules: Rules = {
  'a session without a snapshot has none': async (bench) => {
    const { id } = await bench.session()
    assert.equal(await bench.store.snapshot(id), undefined)
    assert.deepEqual(await bench.store.messages(id, 10, 10, ALL), [])
    assert.equal(await bench.store.ordinalOf(id, 'm0'), undefined)
  },
  'a snapshot comes back as it was given, without its rows': async (bench) => {
    const { id } = await bench.session()
    const { rows, ...record } = snapshot(4, 1, [row(0)])
    await bench.store.saveSnapshot(id, { ...record, rows })
    assert.deepEqual(await bench.store.snapshot(id), record)
  },
  'a later snapshot replaces the one before and keeps the rows that it does not name': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(4, 2, [row(0), row(1)]))
    await bench.store.saveSnapshot(id, snapshot(8, 3, [row(2)]))
    assert.equal((await bench.store.snapshot(id))?.seq, 8)
    assert.deepEqual(await bench.store.messages(id, 3, 10, ALL), [row(2), row(1), row(0)])
  },
  'a row that a snapshot names again is rewritten': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(4, 2, [row(0), row(1)]))
    await bench.store.saveSnapshot(id, snapshot(8, 2, [row(0, 'changed')]))
    assert.deepEqual(await bench.store.messages(id, 2, 10, ALL), [row(1), row(0, 'changed')])
  },
  'rows at and after the number of messages are deleted': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(4, 3, [row(0), row(1), row(2)]))
    await bench.store.saveSnapshot(id, snapshot(8, 1, []))
    assert.deepEqual(await bench.store.messages(id, 9, 10, ALL), [row(0)])
    assert.equal(await bench.store.ordinalOf(id, 'm1'), undefined)
  },
  'a snapshot older than the stored one changes nothing': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(8, 2, [row(0), row(1)]))
    await bench.store.saveSnapshot(id, snapshot(4, 1, [row(0, 'older')]))
    assert.equal((await bench.store.snapshot(id))?.seq, 8)
    assert.deepEqual(await bench.store.messages(id, 9, 10, ALL), [row(1), row(0)])
  },
  'a snapshot of the same seq replaces the stored one': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(8, 1, [row(0)]))
    await bench.store.saveSnapshot(id, snapshot(8, 1, [row(0, 'anew')]))
    assert.deepEqual(await bench.store.messages(id, 9, 10, ALL), [row(0, 'anew')])
  },
  'a snapshot of a session that does not exist is not kept': async (bench) => {
    await bench.store.saveSnapshot('later', snapshot(4, 1, [row(0)]))
    await bench.session({ id: 'later' })
    assert.equal(await bench.store.snapshot('later'), undefined)
    assert.deepEqual(await bench.store.messages('later', 9, 10, ALL), [])
  },
  'messages are paged backwards from an ordinal, which is left out': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(
      id,
      snapshot(
        4,
        5,
        [0, 1, 2, 3, 4].map((ordinal) => row(ordinal)),
      ),
    )
    assert.deepEqual(
      (await bench.store.messages(id, 5, 2, ALL)).map(({ ordinal }) => ordinal),
      [4, 3],
    )
    assert.deepEqual(
      (await bench.store.messages(id, 3, 2, ALL)).map(({ ordinal }) => ordinal),
      [2, 1],
    )
    assert.deepEqual(
      (await bench.store.messages(id, 1, 2, ALL)).map(({ ordinal }) => ordinal),
      [0],
    )
    assert.deepEqual(await bench.store.messages(id, 0, 2, ALL), [])
  },
  'a page of messages ends where the next would exceed its bytes, counted as UTF-8': async (bench) => {
    const { id } = await bench.session()
    const rows = [0, 1, 2].map((ordinal) => ({ ordinal, id: `m${ordinal}`, json: '"ééé"' }))
    await bench.store.saveSnapshot(id, snapshot(4, 3, rows))
    assert.equal((await bench.store.messages(id, 3, 10, 16)).length, 2)
    assert.equal((await bench.store.messages(id, 3, 10, 15)).length, 1)
  },
  'a page of messages holds at least one where there is any': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(4, 2, [row(0), row(1)]))
    assert.deepEqual(await bench.store.messages(id, 2, 10, 1), [row(1)])
  },
  'a limit of messages may be as large as a number': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(4, 1, [row(0)]))
    assert.equal((await bench.store.messages(id, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).length, 1)
    assert.equal((await bench.store.messages(id, Infinity, Infinity, Infinity)).length, 1)
  },
  'the ordinal of a message is found by its id': async (bench) => {
    const { id } = await bench.session()
    await bench.store.saveSnapshot(id, snapshot(4, 3, [row(0), row(1), row(2)]))
    assert.equal(await bench.store.ordinalOf(id, 'm1'), 1)
    assert.equal(await bench.store.ordinalOf(id, 'm9'), undefined)
  },
  'a fold deletes the oldest rows and remembers the last one’s mark': async (bench) => {
    const { writer, marks } = await writtenJournal(bench)
    await bench.store.saveSnapshot(writer.session, snapshot(4, 0, []))
    await bench.store.fold(writer.session, 4)
    const [, foldedMark, mark] = marks
    assert.deepEqual(await bench.store.bounds(writer.session), { head: 6, mark, folded: 4, foldedMark, bytes: 7 })
    assert.equal(await bench.store.markAt(writer.session, 4), undefined)
    assert.equal(await bench.store.markAt(writer.session, 6), mark)
  },
  'a read from before a fold begins after it': async (bench) => {
    const { writer } = await writtenJournal(bench)
    await bench.store.saveSnapshot(writer.session, snapshot(4, 0, []))
    await bench.store.fold(writer.session, 4)
    assert.deepEqual(
      (await bench.store.read(writer.session, 0, ALL)).map(({ from, to }) => [from, to]),
      [[5, 6]],
    )
    assert.equal(await bench.store.bytesAfter(writer.session, 0), 7)
  },
  'a journal that is folded as a whole keeps its head, and grows from there': async (bench) => {
    const { writer, marks } = await writtenJournal(bench)
    await bench.store.saveSnapshot(writer.session, snapshot(6, 0, []))
    await bench.store.fold(writer.session, 6)
    const mark = marks.at(-1)
    assert.deepEqual(await bench.store.bounds(writer.session), { head: 6, mark, folded: 6, foldedMark: mark, bytes: 0 })
    assert.deepEqual(await bench.store.read(writer.session, 0, ALL), [])
    const next = await writer.write({ bytes: 9 })
    assert.deepEqual(await bench.store.read(writer.session, 6, ALL), [next])
    assert.equal((await bench.store.bounds(writer.session))?.bytes, 9)
  },
  'an append that was stored and folded is still known by its mark': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const batch = await writer.write({ events: 2 })
    await bench.store.saveSnapshot(writer.session, snapshot(2, 0, []))
    await bench.store.fold(writer.session, 2)
    assert.deepEqual(await writer.append({ after: 0, batch }), { kind: 'stored' })
    assert.deepEqual(await writer.append({ after: 0, batch: { ...batch, mark: bench.mint() } }), { kind: 'conflict', head: 2 })
  },
  'folding again what is folded changes nothing': async (bench) => {
    const { writer } = await writtenJournal(bench)
    await bench.store.saveSnapshot(writer.session, snapshot(6, 0, []))
    await bench.store.fold(writer.session, 4)
    const before = await bench.store.bounds(writer.session)
    await bench.store.fold(writer.session, 4)
    await bench.store.fold(writer.session, 2)
    assert.deepEqual(await bench.store.bounds(writer.session), before)
  },
  'what no stored snapshot covers is not folded': async (bench) => {
    const { writer } = await writtenJournal(bench)
    await assert.rejects(bench.store.fold(writer.session, 2), { name: 'StoreError' })
    await bench.store.saveSnapshot(writer.session, snapshot(2, 0, []))
    await assert.rejects(bench.store.fold(writer.session, 4), { name: 'StoreError' })
    assert.equal((await bench.store.read(writer.session, 0, ALL)).length, 3)
  },
  'a journal is not folded in the middle of a batch': async (bench) => {
    const { writer } = await writtenJournal(bench)
    await bench.store.saveSnapshot(writer.session, snapshot(6, 0, []))
    await assert.rejects(bench.store.fold(writer.session, 3), { name: 'StoreError' })
    assert.equal((await bench.store.read(writer.session, 0, ALL)).length, 3)
  },
}
