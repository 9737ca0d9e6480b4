import assert from 'node:assert/strict'
import type { Rules } from './suite-bench.ts'

/** What is there again after a store was closed and opened anew. */
export const durabilityRules: Rules = {
  'journals are there after reopening, and grow from their heads': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const written = [await writer.write({ events: 2, bytes: 100 }), await writer.write({ bytes: 50 })]
    const before = await bench.store.bounds(writer.session)
    await bench.reopen()
    assert.deepEqual(await bench.store.bounds(writer.session), before)
    assert.deepEqual(await bench.store.read(writer.session, 0, 1e9), written)
    const next = await (await bench.writer(writer.session)).write()
    assert.deepEqual(await bench.store.read(writer.session, 3, 1e9), [next])
  },
  'a fold and its mark are there after reopening': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    await writer.write({ events: 2, bytes: 100 })
    await writer.write({ bytes: 50 })
    await bench.store.saveSnapshot(writer.session, { seq: 2, mark: 'mark000002', json: '{}', messages: 0, rows: [] })
    await bench.store.fold(writer.session, 2)
    const before = await bench.store.bounds(writer.session)
    await bench.reopen()
    assert.deepEqual(await bench.store.bounds(writer.session), before)
    assert.equal(await bench.store.bytesAfter(writer.session, 0), 50)
  },
  'a journal that was folded as a whole keeps its head over reopening': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const { mark } = await writer.write({ events: 2 })
    await bench.store.saveSnapshot(writer.session, { seq: 2, mark, json: '{}', messages: 0, rows: [] })
    await bench.store.fold(writer.session, 2)
    await bench.reopen()
    assert.deepEqual(await bench.store.bounds(writer.session), { head: 2, mark, folded: 2, foldedMark: mark, bytes: 0 })
  },
  'sessions, layouts, commands, snapshots and tombstones are there after reopening': async (bench) => {
    const { id } = await bench.session({ key: 'k', title: 'Rome' })
    const dead = await bench.session()
    const writer = await bench.writer(id)
    const command = { principal: 'ann', id: 'c1', digest: 'd', result: { run: 'r1' }, at: 5 }
    const last = { run: 'r1', outcome: 'success' } as const
    await writer.write({ effects: { command, record: { status: 'running', last, updatedAt: 9 } } })
    await bench.store.setLayout(id, 'ann', { open: false, position: 3, settings: { a: 1 } })
    const row = { ordinal: 0, id: 'm0', json: '{}' }
    await bench.store.saveSnapshot(id, { seq: 1, mark: 'mark000001', json: '{}', messages: 1, rows: [row] })
    await bench.store.remove(dead.id, 77)
    const listed = await bench.store.list({ owner: 'ann', limit: 10 })
    await bench.reopen()
    assert.deepEqual(await bench.store.list({ owner: 'ann', limit: 10 }), listed)
    assert.deepEqual(
      (await bench.store.unsettled()).map((record) => record.id),
      [id],
    )
    assert.deepEqual(await bench.store.command(id, 'ann', 'c1'), command)
    assert.deepEqual(await bench.store.snapshot(id), { seq: 1, mark: 'mark000001', json: '{}', messages: 1 })
    assert.deepEqual(await bench.store.messages(id, 1, 1, 1e9), [row])
    assert.deepEqual(await bench.store.find(dead.id), { kind: 'expired', owner: 'ann', at: 77 })
    assert.equal((await bench.session({ key: 'k' })).id, id)
  },
  'a fence taken after reopening is higher than any before': async (bench) => {
    const fences: number[] = []
    for (let life = 0; life < 3; life += 1) {
      for (let taken = 0; taken < 3; taken += 1) fences.push((await bench.writer((await bench.session()).id, `node-${life}`)).fence)
      await bench.reopen()
    }
    assert.deepEqual(
      fences,
      [...new Set(fences)].toSorted((a, b) => a - b),
    )
  },
  'a writer from before reopening is fenced as soon as another took over': async (bench) => {
    const old = await bench.writer((await bench.session()).id, 'node-1')
    await old.write()
    await bench.store.release(old.session, 'node-1')
    await bench.reopen()
    await bench.writer(old.session, 'node-2')
    assert.deepEqual(await old.append({ after: 1, batch: old.batch() }), { kind: 'fenced' })
  },
  'an append that was stored is known by its mark after reopening': async (bench) => {
    const old = await bench.writer((await bench.session()).id, 'node-1')
    const batch = await old.write()
    await bench.store.release(old.session, 'node-1')
    await bench.reopen()
    const next = await bench.writer(old.session, 'node-2')
    assert.deepEqual(await next.append({ after: 0, batch }), { kind: 'stored' })
    assert.deepEqual(await bench.store.read(old.session, 0, 1e9), [batch])
  },
}
