import assert from 'node:assert/strict'
import type { Rules, SuiteBench } from './suite-bench.ts'

/** A session with something of everything. */
async function fullSession(bench: SuiteBench, id: string): Promise<void> {
  await bench.session({ id, owner: 'ann', key: `key of ${id}` })
  const writer = await bench.writer(id)
  await writer.write({ events: 3, effects: { command: { principal: 'ann', id: 'c1', digest: 'd', result: { run: id }, at: 5 } } })
  const rows = [{ ordinal: 0, id: 'm0', json: `"${id}"` }]
  await bench.store.saveSnapshot(id, { seq: 3, mark: 'snapshot00', json: `{"of":"${id}"}`, messages: 1, rows })
  await writer.write()
  await bench.store.fold(id, 3)
  await bench.store.setLayout(id, 'ann', { open: false, position: 1 })
  await bench.store.post(id, { id: 'e1', principal: 'ann', json: `"${id}"` })
}

/** All that a store says of a session. */
async function everythingOf({ store }: SuiteBench, id: string): Promise<readonly unknown[]> {
  return Promise.all([
    store.bounds(id),
    store.read(id, 0, 1e9),
    store.markAt(id, 4),
    store.bytesAfter(id, 0),
    store.snapshot(id),
    store.messages(id, 10, 10, 1e9),
    store.ordinalOf(id, 'm0'),
    store.command(id, 'ann', 'c1'),
    store.layout(id, 'ann'),
    store.inbox(id),
  ])
}

const NOTHING = [undefined, [], undefined, 0, undefined, [], undefined, undefined, undefined, []]

/** What is left of a session that was removed, and what is forgotten. */
export const removalRules: Rules = {
  'removing a session removes all that was kept of it': async (bench) => {
    await fullSession(bench, 'gone')
    await bench.store.remove('gone')
    assert.deepEqual(await everythingOf(bench, 'gone'), NOTHING)
    assert.deepEqual(await bench.store.find('gone'), { kind: 'unknown' })
    assert.deepEqual(await bench.store.list({ owner: 'ann', limit: 10 }), [])
  },
  'removing a session leaves others as they were': async (bench) => {
    await fullSession(bench, 'gone')
    await fullSession(bench, 'kept')
    const before = await everythingOf(bench, 'kept')
    await bench.store.remove('gone')
    assert.deepEqual(await everythingOf(bench, 'kept'), before)
  },
  'a removed session of the same id shows nothing of the one before': async (bench) => {
    await fullSession(bench, 'again')
    await bench.store.remove('again')
    const { birth } = await bench.session({ id: 'again' })
    const [bounds, ...rest] = await everythingOf(bench, 'again')
    assert.deepEqual(bounds, { head: 0, mark: birth, folded: 0, foldedMark: birth, bytes: 0 })
    assert.deepEqual(rest, NOTHING.slice(1))
  },
  'the writer of a removed session is told that it is gone': async (bench) => {
    const { id } = await bench.session()
    const writer = await bench.writer(id)
    await bench.store.remove(id)
    assert.deepEqual(await writer.append({ after: 0, batch: writer.batch() }), { kind: 'gone' })
  },
  'the key of a removed session is free again': async (bench) => {
    const first = await bench.session({ key: 'k' })
    await bench.store.remove(first.id)
    assert.notEqual((await bench.session({ key: 'k' })).id, first.id)
  },
  'a session removed with a tombstone answers expired': async (bench) => {
    const { id } = await bench.session({ owner: 'ann' })
    await bench.store.remove(id, 77)
    assert.deepEqual(await bench.store.find(id), { kind: 'expired', owner: 'ann', at: 77 })
  },
  'removing what does not exist leaves no tombstone': async ({ store }) => {
    await store.remove('nobody', 77)
    assert.deepEqual(await store.find('nobody'), { kind: 'unknown' })
  },
  'tombstones older than a time are forgotten, others kept': async (bench) => {
    for (const [id, at] of Object.entries({ old: 4, even: 5 })) {
      await bench.session({ id })
      await bench.store.remove(id, at)
    }
    await bench.store.forget({ commands: 0, tombstones: 5 })
    assert.deepEqual(await bench.store.find('old'), { kind: 'unknown' })
    assert.equal((await bench.store.find('even')).kind, 'expired')
  },
  'commands older than a time are forgotten, others kept': async (bench) => {
    const { id } = await bench.session()
    const writer = await bench.writer(id)
    for (const [command, at] of Object.entries({ old: 4, even: 5 })) {
      await writer.write({ effects: { command: { principal: 'ann', id: command, digest: 'd', result: {}, at } } })
    }
    await bench.store.forget({ commands: 5, tombstones: 0 })
    assert.equal(await bench.store.command(id, 'ann', 'old'), undefined)
    assert.equal((await bench.store.command(id, 'ann', 'even'))?.at, 5)
  },
}
