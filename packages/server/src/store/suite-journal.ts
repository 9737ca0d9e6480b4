import assert from 'node:assert/strict'
import type { Batch } from './port.ts'
import type { Rules } from './suite-bench.ts'

const ALL = 1e9

const spans = (batches: readonly Batch[]) => batches.map(({ from, to }) => [from, to])

/** How batches are appended and read. */
export const journalRules: Rules = {
  'an empty journal ends at seq 0 with the birth mark': async (bench) => {
    const { id, birth } = await bench.session()
    assert.deepEqual(await bench.store.bounds(id), { head: 0, mark: birth, folded: 0, foldedMark: birth, bytes: 0 })
    assert.deepEqual(await bench.store.read(id, 0, ALL), [])
  },
  'a session that does not exist has no journal': async ({ store }) => {
    assert.equal(await store.bounds('nobody'), undefined)
    assert.deepEqual(await store.read('nobody', 0, ALL), [])
    assert.equal(await store.markAt('nobody', 1), undefined)
    assert.equal(await store.bytesAfter('nobody', 0), 0)
    const append = { session: 'nobody', fence: 1, after: 0, batch: { from: 1, to: 1, mark: 'mark000000', at: 1, frame: Buffer.from('x') } }
    assert.deepEqual(await store.append(append), { kind: 'gone' })
  },
  'batches are read in the order of their appends, as they were given': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const written = [await writer.write({ events: 2 }), await writer.write(), await writer.write({ events: 5 })]
    assert.deepEqual(await bench.store.read(writer.session, 0, ALL), written)
  },
  'frames are bytes, whatever they hold': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const frame = Buffer.from(Array.from({ length: 512 }, (_, byte) => byte % 256))
    assert.deepEqual(await writer.append({ after: 0, batch: { ...writer.batch(), frame } }), { kind: 'stored' })
    assert.deepEqual((await bench.store.read(writer.session, 0, ALL))[0]?.frame, frame)
  },
  'the bounds follow every append': async (bench) => {
    const { id, birth } = await bench.session()
    const writer = await bench.writer(id)
    await writer.write({ events: 3, bytes: 100 })
    const { mark } = await writer.write({ events: 2, bytes: 50 })
    assert.deepEqual(await bench.store.bounds(id), { head: 5, mark, folded: 0, foldedMark: birth, bytes: 150 })
  },
  'an append that is not at the head is a conflict and changes nothing': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const written = await writer.write({ events: 3 })
    for (const after of [0, 1, 2, 4]) {
      assert.deepEqual(await writer.append({ after, batch: writer.batch({ after }) }), { kind: 'conflict', head: 3 })
    }
    assert.deepEqual(await bench.store.read(writer.session, 0, ALL), [written])
  },
  'an append whose own batch stands there is stored, and stands there once': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const first = await writer.write({ events: 2 })
    assert.deepEqual(await writer.append({ after: 0, batch: first }), { kind: 'stored' })
    const second = await writer.write()
    assert.deepEqual(await writer.append({ after: 0, batch: first }), { kind: 'stored' })
    assert.deepEqual(await bench.store.read(writer.session, 0, ALL), [first, second])
  },
  'another batch for the same place is a conflict': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const first = await writer.write({ events: 2 })
    assert.deepEqual(await writer.append({ after: 0, batch: { ...first, mark: bench.mint() } }), { kind: 'conflict', head: 2 })
  },
  'a batch that cannot follow is rejected and changes nothing': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const batch = writer.batch()
    await assert.rejects(writer.append({ after: 0, batch: { ...batch, from: 2, to: 2 } }), { name: 'StoreError' })
    await assert.rejects(writer.append({ after: 0, batch: { ...batch, to: 0 } }), { name: 'StoreError' })
    assert.equal((await bench.store.bounds(writer.session))?.head, 0)
  },
  'appends to different sessions at once are all stored': async (bench) => {
    const writers = await Promise.all(Array.from({ length: 20 }, async () => bench.writer((await bench.session()).id)))
    const written = await Promise.all(writers.map((writer) => writer.write({ events: 2 })))
    const read = await Promise.all(writers.map((writer) => bench.store.read(writer.session, 0, ALL)))
    assert.deepEqual(
      read,
      written.map((batch) => [batch]),
    )
  },
  'a conflict of one session does not touch an append of another at the same time': async (bench) => {
    const good = await bench.writer((await bench.session()).id)
    const bad = await bench.writer((await bench.session()).id)
    const batch = good.batch()
    const verdicts = await Promise.all([bad.append({ after: 7, batch: bad.batch({ after: 7 }) }), good.append({ after: 0, batch })])
    assert.deepEqual(verdicts, [{ kind: 'conflict', head: 0 }, { kind: 'stored' }])
    assert.deepEqual(await bench.store.read(good.session, 0, ALL), [batch])
  },
  'a read begins after the seq that it names': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    for (const events of [2, 3, 1]) await writer.write({ events })
    assert.deepEqual(spans(await bench.store.read(writer.session, 2, ALL)), [
      [3, 5],
      [6, 6],
    ])
    assert.deepEqual(await bench.store.read(writer.session, 6, ALL), [])
    assert.deepEqual(await bench.store.read(writer.session, 99, ALL), [])
  },
  'a read from the middle of a batch begins with that batch': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    for (const events of [2, 3]) await writer.write({ events })
    assert.deepEqual(spans(await bench.store.read(writer.session, 3, ALL)), [[3, 5]])
  },
  'a read gives as many batches as fit its bytes together': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    for (let written = 0; written < 4; written += 1) await writer.write({ bytes: 100 })
    assert.equal((await bench.store.read(writer.session, 0, 300)).length, 3)
    assert.equal((await bench.store.read(writer.session, 0, 299)).length, 2)
  },
  'a read gives at least one batch where there is any': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    for (let written = 0; written < 2; written += 1) await writer.write({ bytes: 100 })
    assert.equal((await bench.store.read(writer.session, 0, 1)).length, 1)
  },
  'the mark of a seq is that of the batch that ends there': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const first = await writer.write({ events: 2 })
    const second = await writer.write({ events: 3 })
    const marks = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((seq) => bench.store.markAt(writer.session, seq)))
    assert.deepEqual(marks, [undefined, undefined, first.mark, undefined, undefined, second.mark, undefined])
  },
  'the bytes after a seq are those of the batches that end after it': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    for (const bytes of [100, 50, 7]) await writer.write({ events: 2, bytes })
    const bytes = await Promise.all([0, 1, 2, 3, 4, 6, 99].map((after) => bench.store.bytesAfter(writer.session, after)))
    assert.deepEqual(bytes, [157, 157, 57, 57, 7, 0, 0])
  },
  'who watches heads hears of every batch, and of nothing after it stopped': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const heard: [string, number][] = []
    const stop = bench.store.watchHeads((session, head) => void heard.push([session, head]))
    await writer.write({ events: 2 })
    await writer.write()
    await bench.eventually(() =>
      assert.deepEqual(heard, [
        [writer.session, 2],
        [writer.session, 3],
      ]),
    )
    stop()
    await writer.write()
    const other = await bench.writer((await bench.session()).id)
    const later: number[] = []
    bench.store.watchHeads((_, head) => void later.push(head))
    await other.write()
    await bench.eventually(() => assert.equal(later.length, 1))
    assert.equal(heard.length, 2)
  },
  'a watcher of heads that throws harms neither the append nor other watchers': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const heard: number[] = []
    bench.store.watchHeads(() => {
      throw new Error('a watcher that throws')
    })
    bench.store.watchHeads((_, head) => void heard.push(head))
    await writer.write()
    await bench.eventually(() => assert.deepEqual(heard, [1]))
  },
}
