import assert from 'node:assert/strict'
import type { CommandRecord, SessionRecord, Store } from './port.ts'
import type { Rules } from './suite-bench.ts'

const command = (id: string, result: unknown = { run: 'r1' }): CommandRecord => ({
  principal: 'ann',
  id,
  digest: `digest of ${id}`,
  result,
  at: 5,
})

async function recordOf(store: Store, session: string): Promise<SessionRecord> {
  const found = await store.find(session)
  assert.ok(found.kind === 'found')
  return found.record
}

/** What becomes true together with a batch, or not at all. */
export const effectRules: Rules = {
  'a batch and its effects are stored together': async (bench) => {
    const { id } = await bench.session({ title: 'Rome' })
    const writer = await bench.writer(id)
    await bench.store.post(id, { id: 'e1', principal: 'ann', json: '{}' })
    await bench.store.post(id, { id: 'e2', principal: 'ann', json: '{}' })
    await writer.write({ effects: { command: command('c1'), record: { status: 'running', updatedAt: 9 }, taken: ['e1'] } })
    assert.deepEqual(await bench.store.command(id, 'ann', 'c1'), command('c1'))
    const { status, updatedAt, title } = await recordOf(bench.store, id)
    assert.deepEqual({ status, updatedAt, title }, { status: 'running', updatedAt: 9, title: 'Rome' })
    assert.deepEqual(
      (await bench.store.inbox(id)).map((entry) => entry.id),
      ['e2'],
    )
  },
  'the effects of a batch that is not stored do not happen': async (bench) => {
    const { id } = await bench.session()
    const writer = await bench.writer(id)
    await bench.store.post(id, { id: 'e1', principal: 'ann', json: '{}' })
    const effects = { command: command('c1'), record: { status: 'running' }, taken: ['e1'] } as const
    assert.equal((await writer.append({ after: 3, batch: writer.batch({ after: 3 }), effects })).kind, 'conflict')
    assert.equal((await writer.append({ fence: writer.fence - 1, after: 0, batch: writer.batch(), effects })).kind, 'fenced')
    assert.equal(await bench.store.command(id, 'ann', 'c1'), undefined)
    assert.equal((await recordOf(bench.store, id)).status, 'idle')
    assert.equal((await bench.store.inbox(id)).length, 1)
  },
  'effects can be stored without a batch, and move no head': async (bench) => {
    const { id } = await bench.session()
    const writer = await bench.writer(id)
    await writer.write()
    assert.deepEqual(await writer.append({ after: 1, effects: { command: command('c1'), record: { title: 'Rome' } } }), { kind: 'stored' })
    assert.deepEqual(await bench.store.command(id, 'ann', 'c1'), command('c1'))
    assert.equal((await recordOf(bench.store, id)).title, 'Rome')
    assert.equal((await bench.store.bounds(id))?.head, 1)
  },
  'effects without a batch conflict where the head is another': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    await writer.write()
    assert.deepEqual(await writer.append({ after: 0, effects: { command: command('c1') } }), { kind: 'conflict', head: 1 })
    assert.equal(await bench.store.command(writer.session, 'ann', 'c1'), undefined)
  },
  'effects without a batch are refused to who does not hold the fence': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const fence = writer.fence - 1
    assert.deepEqual(await writer.append({ fence, after: 0, effects: { command: command('c1') } }), { kind: 'fenced' })
    assert.equal(await bench.store.command(writer.session, 'ann', 'c1'), undefined)
  },
  'a command belongs to its session and its principal': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const other = await bench.session()
    await writer.write({ effects: { command: command('c1') } })
    assert.equal(await bench.store.command(other.id, 'ann', 'c1'), undefined)
    assert.equal(await bench.store.command(writer.session, 'bob', 'c1'), undefined)
    assert.equal(await bench.store.command(writer.session, 'ann', 'c2'), undefined)
  },
  'two principals may have commands of one id': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    await writer.write({ effects: { command: command('c1', 'of ann') } })
    await writer.write({ effects: { command: { ...command('c1', 'of bob'), principal: 'bob' } } })
    assert.equal((await bench.store.command(writer.session, 'ann', 'c1'))?.result, 'of ann')
    assert.equal((await bench.store.command(writer.session, 'bob', 'c1'))?.result, 'of bob')
  },
  'a command that is remembered stays as it is': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    await writer.write({ effects: { command: command('c1', 'first') } })
    await writer.write({ effects: { command: { ...command('c1', 'second'), digest: 'another' } } })
    assert.deepEqual(await bench.store.command(writer.session, 'ann', 'c1'), command('c1', 'first'))
  },
  'a result may be any JSON value': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    const results = [null, 0, '', false, [], { deep: [{ er: 'ü' }] }]
    for (const [place, result] of results.entries()) await writer.write({ effects: { command: command(`c${place}`, result) } })
    const read = await Promise.all(results.map((_, place) => bench.store.command(writer.session, 'ann', `c${place}`)))
    assert.deepEqual(
      read.map((found) => found?.result),
      results,
    )
  },
}
