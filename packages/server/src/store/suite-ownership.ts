import assert from 'node:assert/strict'
import type { Rules } from './suite-bench.ts'

const entry = (id: string) => ({ id, principal: 'ann', json: `{"type":"stop","id":"${id}"}` })

/** Who may write a session, and how others reach that one. */
export const ownershipRules: Rules = {
  'a lease that one node holds is not given to another': async (bench) => {
    const { id } = await bench.session()
    assert.equal((await bench.store.lease(id, 'node-1', 30_000))?.node, 'node-1')
    assert.equal(await bench.store.lease(id, 'node-2', 30_000), undefined)
  },
  'the holder renews its lease under the same fence': async (bench) => {
    const { id } = await bench.session()
    const first = await bench.store.lease(id, 'node-1', 30_000)
    const second = await bench.store.lease(id, 'node-1', 60_000)
    assert.equal(second?.fence, first?.fence)
    assert.ok((second?.until ?? 0) > (first?.until ?? 0))
  },
  'a lease that was given back goes to the next node under a higher fence': async (bench) => {
    const { id } = await bench.session()
    const first = await bench.store.lease(id, 'node-1', 30_000)
    await bench.store.release(id, 'node-1')
    const second = await bench.store.lease(id, 'node-2', 30_000)
    assert.ok((second?.fence ?? 0) > (first?.fence ?? Infinity))
  },
  'a lease that was given back and taken again by the same node has a higher fence': async (bench) => {
    const { id } = await bench.session()
    const first = await bench.store.lease(id, 'node-1', 30_000)
    await bench.store.release(id, 'node-1')
    const second = await bench.store.lease(id, 'node-1', 30_000)
    assert.ok((second?.fence ?? 0) > (first?.fence ?? Infinity))
  },
  'a lease that ran out goes to the next node under a higher fence': async (bench) => {
    const { id } = await bench.session()
    const first = await bench.store.lease(id, 'node-1', 50)
    await bench.passTime(60)
    const second = await bench.store.lease(id, 'node-2', 30_000)
    assert.ok((second?.fence ?? 0) > (first?.fence ?? Infinity))
  },
  'the holder renews a lease that ran out where nobody took it': async (bench) => {
    const { id } = await bench.session()
    const first = await bench.store.lease(id, 'node-1', 50)
    await bench.passTime(60)
    assert.equal((await bench.store.lease(id, 'node-1', 30_000))?.fence, first?.fence)
  },
  'a node cannot give back the lease of another': async (bench) => {
    const { id } = await bench.session()
    await bench.store.lease(id, 'node-1', 30_000)
    await bench.store.release(id, 'node-2')
    assert.equal(await bench.store.lease(id, 'node-2', 30_000), undefined)
  },
  'the leases of sessions do not touch each other': async (bench) => {
    const [first, second] = [await bench.session(), await bench.session()]
    await bench.store.lease(first.id, 'node-1', 30_000)
    assert.equal((await bench.store.lease(second.id, 'node-2', 30_000))?.node, 'node-2')
  },
  'a session that does not exist has no lease': async ({ store }) => {
    assert.equal(await store.lease('nobody', 'node-1', 30_000), undefined)
  },
  'an append without a lease is fenced': async (bench) => {
    const { id } = await bench.session()
    const batch = { from: 1, to: 1, mark: bench.mint(), at: 1, frame: Buffer.from('x') }
    assert.deepEqual(await bench.store.append({ session: id, fence: 0, after: 0, batch }), { kind: 'fenced' })
    assert.deepEqual(await bench.store.append({ session: id, fence: 1, after: 0, batch }), { kind: 'fenced' })
  },
  'an append under a fence that another took over is fenced, and the new holder writes on': async (bench) => {
    const { id } = await bench.session()
    const old = await bench.writer(id, 'node-1')
    const written = await old.write()
    await bench.store.release(id, 'node-1')
    const next = await bench.writer(id, 'node-2')
    assert.deepEqual(await old.append({ after: 1, batch: old.batch() }), { kind: 'fenced' })
    const continued = await next.write()
    assert.deepEqual(await bench.store.read(id, 0, 1e9), [written, continued])
  },
  'a retry of what is stored is fenced too, where another took over': async (bench) => {
    const { id } = await bench.session()
    const old = await bench.writer(id, 'node-1')
    const batch = await old.write()
    await bench.store.release(id, 'node-1')
    await bench.writer(id, 'node-2')
    assert.deepEqual(await old.append({ after: 0, batch }), { kind: 'fenced' })
  },
  'an append under a lease that was given back is fenced': async (bench) => {
    const writer = await bench.writer((await bench.session()).id)
    await bench.store.release(writer.session, 'node-1')
    assert.deepEqual(await writer.append({ after: 0, batch: writer.batch() }), { kind: 'fenced' })
  },
  'an append under a lease that ran out is stored as long as nobody took it': async (bench) => {
    const { id } = await bench.session()
    const lease = await bench.store.lease(id, 'node-1', 50)
    await bench.passTime(60)
    const batch = { from: 1, to: 1, mark: bench.mint(), at: 1, frame: Buffer.from('x') }
    assert.deepEqual(await bench.store.append({ session: id, fence: lease?.fence ?? 0, after: 0, batch }), { kind: 'stored' })
  },
  'entries of the inbox wait in the order in which they were posted': async (bench) => {
    const { id } = await bench.session()
    for (const name of ['e2', 'e1', 'e3']) assert.equal(await bench.store.post(id, entry(name)), true)
    assert.deepEqual(await bench.store.inbox(id), [entry('e2'), entry('e1'), entry('e3')])
  },
  'an entry that is posted again waits once': async (bench) => {
    const { id } = await bench.session()
    await bench.store.post(id, entry('e1'))
    assert.equal(await bench.store.post(id, { ...entry('e1'), json: 'another' }), true)
    assert.deepEqual(await bench.store.inbox(id), [entry('e1')])
  },
  'each session has an inbox of its own': async (bench) => {
    const [first, second] = [await bench.session(), await bench.session()]
    await bench.store.post(first.id, entry('e1'))
    assert.deepEqual(await bench.store.inbox(second.id), [])
  },
  'an entry for a session that does not exist is not kept': async (bench) => {
    assert.equal(await bench.store.post('later', entry('e1')), false)
    await bench.session({ id: 'later' })
    assert.deepEqual(await bench.store.inbox('later'), [])
  },
  'who watches the inbox hears of every entry, and of nothing after it stopped': async (bench) => {
    const [first, second] = [await bench.session(), await bench.session()]
    const heard: string[] = []
    const later: string[] = []
    const stop = bench.store.watchInbox((session) => void heard.push(session))
    await bench.store.post(first.id, entry('e1'))
    await bench.eventually(() => assert.deepEqual(heard, [first.id]))
    stop()
    bench.store.watchInbox((session) => void later.push(session))
    await bench.store.post(second.id, entry('e2'))
    await bench.eventually(() => assert.deepEqual(later, [second.id]))
    assert.deepEqual(heard, [first.id])
  },
}
