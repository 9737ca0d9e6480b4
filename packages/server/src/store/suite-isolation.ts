import assert from 'node:assert/strict'
import type { Batch } from './port.ts'
import type { Rules, SuiteBench, SuiteWriter } from './suite-bench.ts'

const HOSTILE = [
  `'; DROP TABLE sessions; --`,
  '"quoted" \\ back \u0000 nul \n line',
  'ключ 鍵 🗝️ é',
  '../../etc/passwd',
  '%_*?[]{}$1:#>.',
  '__proto__',
  'constructor',
  'x'.repeat(10_000),
]

/** What keeps sessions apart: from each other, and from whatever their names are. */
export const isolationRules: Rules = {
  'ids, keys, owners and titles are text, whatever they hold': async ({ store }) => {
    for (const text of HOSTILE) {
      const session = { id: text, owner: text, key: text, title: text, agent: text, birth: 'birth00000', createdAt: 5 }
      const { record } = await store.create(session)
      assert.deepEqual(record, { ...session, status: 'idle', updatedAt: 5 })
      assert.deepEqual(await store.find(text), { kind: 'found', record })
      assert.deepEqual((await store.create({ ...session, id: `other ${text}` })).record.id, text)
      assert.deepEqual(await store.list({ owner: text, limit: 10 }), [{ record, layout: { open: true, position: 5 } }])
    }
  },
  'principals, commands, entries, nodes and messages are text, whatever they hold': async (bench) => {
    for (const text of HOSTILE) {
      const { id } = await bench.session({ id: text })
      const writer = await bench.writer(id, text)
      const command = { principal: text, id: text, digest: text, result: text, at: 5 }
      await bench.store.post(id, { id: text, principal: text, json: text })
      assert.deepEqual(await bench.store.inbox(id), [{ id: text, principal: text, json: text }])
      await writer.write({ effects: { command, taken: [text] } })
      assert.deepEqual(await bench.store.inbox(id), [])
      assert.deepEqual(await bench.store.command(id, text, text), command)
      await bench.store.setLayout(id, text, { open: false, position: 1, settings: text })
      assert.deepEqual(await bench.store.layout(id, text), { open: false, position: 1, settings: text })
      const row = { ordinal: 0, id: text, json: JSON.stringify(text) }
      await bench.store.saveSnapshot(id, { seq: 1, mark: 'mark000000', json: JSON.stringify(text), messages: 1, rows: [row] })
      assert.deepEqual(await bench.store.messages(id, 1, 1, 1e9), [row])
      assert.equal(await bench.store.ordinalOf(id, text), 0)
      await bench.store.remove(id, 9)
      assert.equal((await bench.store.find(id)).kind, 'expired')
    }
  },
  'owner and key are never run together': async (bench) => {
    const first = await bench.session({ owner: 'a', key: 'b:c' })
    const second = await bench.session({ owner: 'a:b', key: 'c' })
    assert.notEqual(first.id, second.id)
  },
  'what is given back is what was given, whatever became of the object since': async (bench) => {
    const { id } = await bench.session()
    const writer = await bench.writer(id)
    const result = { run: 'r1' }
    const settings = { model: 'x' }
    await writer.write({ effects: { command: { principal: 'ann', id: 'c1', digest: 'd', result, at: 5 } } })
    await bench.store.setLayout(id, 'ann', { open: true, position: 1, settings })
    result.run = 'changed'
    settings.model = 'changed'
    assert.deepEqual((await bench.store.command(id, 'ann', 'c1'))?.result, { run: 'r1' })
    assert.deepEqual((await bench.store.layout(id, 'ann'))?.settings, { model: 'x' })
  },
  'however the appends of five sessions fall together, each journal is whole': async (bench) => {
    for (let seed = 1; seed <= 12; seed += 1) await interleave(bench, seed)
  },
  'a closed store rejects, and closing again does nothing': async ({ store }) => {
    await store.ping()
    await store.close()
    await store.close()
    await assert.rejects(store.ping(), { name: 'StoreError', code: 'closed' })
    await assert.rejects(store.find('s'), { name: 'StoreError', code: 'closed' })
    await assert.rejects(store.create({ id: 's', owner: 'ann', birth: 'birth00000', createdAt: 1 }), { code: 'closed' })
  },
  'what was under way when the store was closed is stored': async (bench) => {
    const { id } = await bench.session()
    const writer = await bench.writer(id)
    const written = writer.write()
    await bench.store.close()
    await written
  },
}

/** Five writers at once, each in its own order but with retries, late repeats and appends at the wrong place. */
async function interleave(bench: SuiteBench, seed: number): Promise<void> {
  const random = randomFrom(seed)
  const writers = await Promise.all(Array.from({ length: 5 }, async () => bench.writer((await bench.session()).id)))
  const written = await Promise.all(writers.map((writer) => writeAtRandom(bench, writer, random)))
  for (const [place, writer] of writers.entries()) {
    const batches = await bench.store.read(writer.session, 0, 1e9)
    assert.deepEqual(batches, written[place], `seed ${seed}`)
    let next = 1
    for (const { from, to } of batches) {
      assert.equal(from, next, `seed ${seed}: a hole`)
      next = to + 1
    }
    assert.equal((await bench.store.bounds(writer.session))?.head, next - 1, `seed ${seed}`)
  }
}

async function writeAtRandom(bench: SuiteBench, writer: SuiteWriter, random: () => number): Promise<readonly Batch[]> {
  const written: Batch[] = []
  for (let step = 0; step < 12; step += 1) {
    const turns = Math.floor(random() * 3)
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    const batch = writer.batch({ events: 1 + Math.floor(random() * 4) })
    const tries = [batch]
    if (random() < 0.3) tries.push(batch)
    if (random() < 0.3) tries.push({ ...batch, mark: bench.mint() })
    const verdicts = await Promise.all(tries.map((tried) => writer.append({ after: batch.from - 1, batch: tried })))
    // Of those that are for one place, a store may take any first; all others must lose to it.
    const stored = new Set(tries.filter((_, place) => verdicts[place]?.kind === 'stored'))
    assert.equal(stored.size, 1)
    written.push(...stored)
    const repeated = written[Math.floor(random() * written.length)]
    if (repeated !== undefined) assert.equal((await writer.append({ after: repeated.from - 1, batch: repeated })).kind, 'stored')
  }
  return written
}

/** Numbers from 0 to 1 that a seed decides, so that what fails fails again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
