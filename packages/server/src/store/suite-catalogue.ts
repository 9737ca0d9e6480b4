import assert from 'node:assert/strict'
import type { Rules, SuiteBench } from './suite-bench.ts'

const ids = (sessions: readonly { readonly record: { readonly id: string } }[]) => sessions.map(({ record }) => record.id)

/** Sessions `a`, `b`, `c`… of ann, each updated at the time given. */
async function sessionsOf(bench: SuiteBench, ...updatedAt: readonly number[]): Promise<void> {
  for (const [place, at] of updatedAt.entries()) await bench.session({ id: 'abcdefgh'.charAt(place), createdAt: at })
}

/** How sessions come to be, are found, changed and listed. */
export const catalogueRules: Rules = {
  'a new session is idle, and was last active when it was created': async ({ store }) => {
    const session = { id: 's', owner: 'ann', key: 'k', title: 'Rome', agent: 'demo', birth: 'birth00000', createdAt: 5 }
    const record = { ...session, status: 'idle', updatedAt: 5 }
    assert.deepEqual(await store.create(session), { created: true, record })
    assert.deepEqual(await store.find('s'), { kind: 'found', record })
  },
  'what a session was created without is absent': async ({ store }) => {
    const { record } = await store.create({ id: 's', owner: 'ann', birth: 'birth00000', createdAt: 5 })
    assert.deepEqual(record, { id: 's', owner: 'ann', status: 'idle', birth: 'birth00000', createdAt: 5, updatedAt: 5 })
    assert.deepEqual(await store.find('s'), { kind: 'found', record })
  },
  'a key that the owner used before gives that session again': async ({ store }) => {
    const first = await store.create({ id: 's1', owner: 'ann', key: 'k', title: 'first', birth: 'birth00001', createdAt: 5 })
    const second = await store.create({ id: 's2', owner: 'ann', key: 'k', title: 'second', birth: 'birth00002', createdAt: 6 })
    assert.deepEqual(second, { created: false, record: first.record })
    assert.deepEqual(await store.find('s2'), { kind: 'unknown' })
  },
  'the same key of another owner is another session': async (bench) => {
    const mine = await bench.session({ owner: 'ann', key: 'k' })
    const theirs = await bench.session({ owner: 'bob', key: 'k' })
    assert.notEqual(mine.id, theirs.id)
  },
  'creating one key twice at once makes one session': async ({ store }) => {
    const make = (id: string) => store.create({ id, owner: 'ann', key: 'k', birth: 'birth00000', createdAt: 5 })
    const made = await Promise.all(['s1', 's2', 's3'].map(make))
    assert.equal(made.filter(({ created }) => created).length, 1)
    assert.equal(new Set(made.map(({ record }) => record.id)).size, 1)
  },
  'sessions without a key are never taken for each other, nor for one whose key is empty': async (bench) => {
    const sessions = [await bench.session(), await bench.session({ key: '' }), await bench.session(), await bench.session({ key: '' })]
    const [first, empty, second, again] = sessions.map(({ id }) => id)
    assert.equal(new Set([first, empty, second]).size, 3)
    assert.equal(again, empty)
  },
  'an id that another session has is refused, and that session stays as it was': async (bench) => {
    const { id } = await bench.session({ title: 'first' })
    await assert.rejects(bench.session({ id, title: 'second' }), { name: 'StoreError' })
    const found = await bench.store.find(id)
    assert.equal(found.kind === 'found' && found.record.title, 'first')
  },
  'an id that nobody created is unknown': async ({ store }) => {
    assert.deepEqual(await store.find('nobody'), { kind: 'unknown' })
  },
  'a change sets what it names and leaves the rest': async (bench) => {
    const { id } = await bench.session({ title: 'Rome', agent: 'demo' })
    const last = { run: 'r1', outcome: 'error', code: 'limit' } as const
    assert.equal(await bench.store.change(id, { status: 'running', last, updatedAt: 7, agent: undefined }), true)
    const found = await bench.store.find(id)
    assert.ok(found.kind === 'found')
    const { title, agent, status, updatedAt } = found.record
    assert.deepEqual(
      { title, agent, status, updatedAt, last: found.record.last },
      { title: 'Rome', agent: 'demo', status: 'running', updatedAt: 7, last },
    )
  },
  'changing a session that does not exist says so': async ({ store }) => {
    assert.equal(await store.change('nobody', { title: 'x' }), false)
    assert.deepEqual(await store.find('nobody'), { kind: 'unknown' })
  },
  'a list begins with the session that was active last': async (bench) => {
    await sessionsOf(bench, 1, 3, 2)
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', limit: 10 })), ['b', 'c', 'a'])
  },
  'sessions of one time are listed in descending order of their ids': async (bench) => {
    await sessionsOf(bench, 1, 1, 1)
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', limit: 10 })), ['c', 'b', 'a'])
  },
  'a list holds no other owner’s sessions': async (bench) => {
    await bench.session({ id: 'mine', owner: 'ann' })
    await bench.session({ id: 'theirs', owner: 'bob' })
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', limit: 10 })), ['mine'])
  },
  'a list ends at its limit': async (bench) => {
    await sessionsOf(bench, 1, 2, 3)
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', limit: 2 })), ['c', 'b'])
    assert.deepEqual(await bench.store.list({ owner: 'ann', limit: 0 }), [])
    assert.equal((await bench.store.list({ owner: 'ann', limit: Infinity })).length, 3)
  },
  'a list before a time leaves out that time': async (bench) => {
    await sessionsOf(bench, 1, 2, 3)
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', before: { updatedAt: 2 }, limit: 10 })), ['a'])
  },
  'a list goes on after a session, also among those of one time': async (bench) => {
    await sessionsOf(bench, 1, 2, 2)
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', before: { updatedAt: 2, id: 'c' }, limit: 10 })), ['b', 'a'])
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', before: { updatedAt: 2, id: 'b' }, limit: 10 })), ['a'])
  },
  'a list of one status holds no other': async (bench) => {
    await sessionsOf(bench, 1, 2)
    await bench.store.change('a', { status: 'waiting' })
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', status: 'waiting', limit: 10 })), ['a'])
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', status: 'idle', limit: 10 })), ['b'])
  },
  'a session without a layout is open, at the place of its creation time': async (bench) => {
    const { id } = await bench.session({ createdAt: 5 })
    await bench.store.change(id, { updatedAt: 9 })
    const [listed] = await bench.store.list({ owner: 'ann', open: true, limit: 10 })
    assert.deepEqual(listed?.layout, { open: true, position: 5 })
    assert.equal(await bench.store.layout(id, 'ann'), undefined)
  },
  'a list shows the owner’s layout': async (bench) => {
    const { id } = await bench.session()
    const layout = { open: true, position: 2.5, settings: { model: 'x', wide: [true] } }
    assert.equal(await bench.store.setLayout(id, 'ann', layout), true)
    assert.deepEqual(await bench.store.layout(id, 'ann'), layout)
    assert.deepEqual((await bench.store.list({ owner: 'ann', limit: 10 }))[0]?.layout, layout)
  },
  'a list of open sessions holds no closed ones, and the other way round': async (bench) => {
    await sessionsOf(bench, 1, 2, 3)
    await bench.store.setLayout('b', 'ann', { open: false, position: 1 })
    await bench.store.setLayout('c', 'ann', { open: true, position: 2 })
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', open: true, limit: 10 })), ['c', 'a'])
    assert.deepEqual(ids(await bench.store.list({ owner: 'ann', open: false, limit: 10 })), ['b'])
  },
  'a layout replaces the one before as a whole': async (bench) => {
    const { id } = await bench.session()
    await bench.store.setLayout(id, 'ann', { open: true, position: 1, settings: { a: 1 } })
    await bench.store.setLayout(id, 'ann', { open: false, position: 2 })
    assert.deepEqual(await bench.store.layout(id, 'ann'), { open: false, position: 2 })
  },
  'each principal has a layout of its own': async (bench) => {
    const { id } = await bench.session({ owner: 'ann' })
    await bench.store.setLayout(id, 'bob', { open: false, position: 7 })
    assert.equal(await bench.store.layout(id, 'ann'), undefined)
    assert.deepEqual(await bench.store.layout(id, 'bob'), { open: false, position: 7 })
    assert.equal((await bench.store.list({ owner: 'ann', open: true, limit: 10 })).length, 1)
  },
  'a layout of a session that does not exist is not kept': async (bench) => {
    assert.equal(await bench.store.setLayout('later', 'ann', { open: false, position: 1 }), false)
    await bench.session({ id: 'later' })
    assert.equal(await bench.store.layout('later', 'ann'), undefined)
  },
  'unsettled are the sessions that run, stop or wait': async (bench) => {
    await sessionsOf(bench, 1, 2, 3, 4)
    await bench.store.change('b', { status: 'running' })
    await bench.store.change('c', { status: 'stopping' })
    await bench.store.change('d', { status: 'waiting' })
    assert.deepEqual((await bench.store.unsettled()).map(({ id }) => id).toSorted(), ['b', 'c', 'd'])
  },
  'stale are the sessions last active before a time, oldest first, to a limit': async (bench) => {
    await sessionsOf(bench, 3, 1, 2, 4)
    assert.deepEqual(ids(await bench.store.stale(4, 10)), ['b', 'c', 'a'])
    assert.deepEqual(ids(await bench.store.stale(4, 2)), ['b', 'c'])
    assert.equal((await bench.store.stale(Infinity, Infinity)).length, 4)
  },
  'a look at stale sessions goes on after the last row, also among those of one time': async (bench) => {
    await sessionsOf(bench, 1, 1, 1, 2)
    const first = await bench.store.stale(9, 2)
    assert.deepEqual(ids(first), ['a', 'b'])
    assert.deepEqual(ids(await bench.store.stale(9, 2, first.at(-1)?.record)), ['c', 'd'])
  },
  'a stale session counts as open where any principal has it open': async (bench) => {
    await sessionsOf(bench, 1, 2, 3, 4)
    await bench.store.setLayout('b', 'ann', { open: false, position: 1 })
    await bench.store.setLayout('c', 'ann', { open: false, position: 1 })
    await bench.store.setLayout('c', 'bob', { open: true, position: 1 })
    await bench.store.setLayout('d', 'bob', { open: false, position: 1 })
    const open = (await bench.store.stale(9, 10)).map((row) => [row.record.id, row.open])
    assert.deepEqual(open, [
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', true],
    ])
  },
}
