import { describe, expect, test } from 'vitest'
import type { KeyValueStorage, SessionEntry } from '../../src/index.ts'
import { openLayout, type Layout, type LayoutOptions } from '../../src/layout/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { entry } from '../entry.ts'
import { jsonAnswer } from '../json-answer.ts'
import { batch, cursor, note, resumed, setStage, snapshot, type StagedLink } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

/** A page with a layout; the test says how the server answers changes, in order. Without more answers it cannot be reached. */
function setLayout(options: LayoutOptions & { readonly storage?: KeyValueStorage; readonly answers?: unknown[] } = {}) {
  const { storage, answers = [], ...more } = options
  const calls: { readonly method: string; readonly url: string; readonly body?: unknown }[] = []
  const stage = setStage({
    storage: storage ?? false,
    user: 'ann',
    fetch: async (url, { method, body }) => {
      calls.push({
        method,
        url: url.replace('http://server.test/v1', ''),
        ...(body !== undefined && { body: JSON.parse(body) as unknown }),
      })
      const answer = await Promise.resolve(answers.shift())
      if (answer === undefined) throw new TypeError('fetch failed')
      return jsonAnswer(answer)
    },
  })
  const layout = openLayout(stage.client, { timers: stage.clock.timers, ...more })
  return { ...stage, layout, calls, answers }
}

/** A layout whose server has these sessions. */
async function setOpen(sessions: SessionEntry[], options?: Parameters<typeof setLayout>[0]) {
  const page = setLayout(options)
  const link = await page.welcomed()
  await link.says({ type: 'directory', sessions })
  return { ...page, link }
}

const ids = ({ state }: Layout) => state.sessions.map(({ id }) => id)
const badges = ({ state }: Layout) => Object.fromEntries(state.sessions.map(({ id, badge }) => [id, badge]))
const attached = async (link: StagedLink, id: string, seq = 0) => {
  const attach = await link.hears('attach')
  expect(attach.session).toBe(id)
  await link.says(snapshot(attach.id, id, seq))
  return attach
}

describe('the sessions', () => {
  test('are the open ones, in their order, once the server has said them', async () => {
    const { layout, welcomed } = setLayout()
    expect(layout.state).toEqual({ status: 'loading', sessions: [] })
    const link = await welcomed()
    await link.says({
      type: 'directory',
      sessions: [
        entry('c', { position: 3 }),
        entry('a', { position: 1, title: 'A' }),
        entry('x', { open: false }),
        entry('b', { position: 2 }),
      ],
    })
    expect(ids(layout)).toEqual(['a', 'b', 'c'])
    expect(layout.state).toMatchObject({ status: 'ready', active: 'a', sessions: [{ title: 'A' }, {}, {}] })
  })

  test('change with the directory; what did not keeps its identity', async () => {
    const { layout, link } = await setOpen([entry('a', { position: 1 }), entry('b', { position: 2 })])
    let changes = 0
    layout.subscribe(() => (changes += 1))
    const [a] = layout.state.sessions
    expect(layout.state).toBe(layout.getState())
    await link.says({ type: 'directory', sessions: [entry('b', { position: 2, title: 'B' }), entry('new', { position: 0 })] })
    expect(ids(layout)).toEqual(['new', 'a', 'b'])
    expect(layout.state.sessions[1]).toBe(a)
    expect(layout.state.sessions[2]?.title).toBe('B')
    expect(changes).toBeGreaterThan(0)
  })

  test('are shown as soon as all are said, be it in several frames', async () => {
    const { layout, welcomed } = setLayout()
    const link = await welcomed()
    await link.says({ type: 'directory', sessions: [entry('b', { position: 2 })], more: true })
    expect(layout.state).toEqual({ status: 'loading', sessions: [] })
    await link.says({ type: 'directory', sessions: [entry('a', { position: 1 })] })
    expect(layout.state.status).toBe('ready')
    expect(ids(layout)).toEqual(['a', 'b'])
  })

  test('closed on another device are gone here, and the next one is shown', async () => {
    const { layout, link, clock } = await setOpen([entry('a', { position: 1 }), entry('b', { position: 2 }), entry('c', { position: 3 })])
    await attached(link, 'a')
    layout.activate('b')
    await attached(link, 'b')
    await link.says({ type: 'directory', sessions: [entry('b', { open: false })] })
    await clock.settle()
    expect(ids(layout)).toEqual(['a', 'c'])
    expect(layout.state.active).toBe('c')
    expect(await link.hears('detach')).toMatchObject({ session: 'b' })
    await link.says({ type: 'directory', sessions: [], gone: ['a', 'c'] })
    expect(layout.state).toEqual({ status: 'ready', sessions: [] })
  })
})

describe('what is active', () => {
  test('is the first one, unless the app says another', async () => {
    const sessions = [entry('a', { position: 1 }), entry('b', { position: 2 })]
    const first = await setOpen(sessions)
    expect(first.layout.state.active).toBe('a')
    await attached(first.link, 'a')
    const other = await setOpen(sessions, { active: 'b' })
    expect(other.layout.state.active).toBe('b')
    await attached(other.link, 'b')
    expect(other.link.heard.filter(({ type }) => type === 'attach')).toHaveLength(1)
  })

  test('is detached a while after another became it, shows its last state at once when it comes back, and goes on', async () => {
    const { layout, link, clock } = await setOpen([entry('a', { position: 1 }), entry('b', { position: 2 })], { idleMs: 10_000 })
    await attached(link, 'a')
    await link.says(batch('a', 1))
    layout.activate('b')
    await attached(link, 'b')
    await clock.advance(9_000)
    expect(link.heard.map(({ type }) => type)).not.toContain('detach')
    await clock.advance(1_000)
    expect(await link.hears('detach')).toMatchObject({ session: 'a' })
    expect(layout.state.sessions[0]?.session?.state.custom).toEqual({ note: 1 })
    const session = layout.activate('a')
    expect(session.state.custom).toEqual({ note: 1 })
    const attach = await link.hears('attach')
    expect(attach).toMatchObject({ session: 'a', cursor: cursor(1) })
    await link.says(resumed(attach.id, 'a', 2), batch('a', 2))
    expect(session.state.custom).toEqual({ note: 2 })
  })

  test('stays watched where it comes back in time, and while its commands wait', async () => {
    const { layout, link, clock } = await setOpen([entry('a', { position: 1 }), entry('b', { position: 2 })], { idleMs: 10_000 })
    await attached(link, 'a')
    void layout.activate('a').send('hi', { id: 'm' })
    layout.activate('b')
    await attached(link, 'b')
    await clock.advance(10_000)
    layout.activate('a')
    await clock.advance(9_000)
    expect(link.heard.map(({ type }) => type)).not.toContain('detach')
    await clock.advance(1_000)
    expect(await link.hears('detach')).toMatchObject({ session: 'b' })
  })

  test('whose commands were still on their way is detached later', async () => {
    const { layout, link, clock } = await setOpen([entry('a', { position: 1 }), entry('b', { position: 2 })], { idleMs: 10_000 })
    await attached(link, 'a')
    void layout.activate('a').send('hi', { id: 'm' })
    layout.activate('b')
    await attached(link, 'b')
    await clock.advance(10_000)
    expect(link.heard.map(({ type }) => type)).not.toContain('detach')
    await link.says({ type: 'accepted', id: 'm', result: { run: 'r' } })
    await clock.advance(10_000)
    expect(await link.hears('detach')).toMatchObject({ session: 'a' })
  })

  test('is not taken back from another view by being shown', async () => {
    const { layout, link } = await setOpen([entry('a')])
    await attached(link, 'a')
    await link.says({ type: 'detached', session: 'a', reason: 'superseded' })
    expect(layout.activate('a').state.failure).toMatchObject({ code: 'superseded' })
  })
})

describe('changing it', () => {
  const sessions = [entry('a', { position: 1 }), entry('b', { position: 2 }), entry('c', { position: 3 })]

  test('closing hides a session at once, and says so to the server', async () => {
    const { layout, calls, link } = await setOpen(sessions, { answers: [entry('a', { open: false })] })
    await attached(link, 'a')
    const closing = layout.close('a')
    expect(ids(layout)).toEqual(['b', 'c'])
    expect(layout.state.active).toBe('b')
    await closing
    expect(calls).toEqual([{ method: 'PATCH', url: '/sessions/a', body: { open: false } }])
    expect(await link.hears('detach')).toMatchObject({ session: 'a' })
    expect(ids(layout)).toEqual(['b', 'c'])
  })

  test('what cannot be closed is there again, and active', async () => {
    const { layout } = await setOpen(sessions)
    await expect(layout.close('a')).rejects.toMatchObject({ code: 'unreachable' })
    expect(ids(layout)).toEqual(['a', 'b', 'c'])
    expect(layout.state.active).toBe('a')
  })

  test('opening puts a session at the end and shows it', async () => {
    const { layout, calls } = await setOpen(sessions, { answers: [entry('d', { position: 4 })] })
    expect((await layout.open('d')).id).toBe('d')
    expect(calls).toEqual([{ method: 'PATCH', url: '/sessions/d', body: { open: true, position: 4 } }])
    expect(ids(layout)).toEqual(['a', 'b', 'c', 'd'])
    expect(layout.state.active).toBe('d')
  })

  test('moving shows at once, and holds although older words of the directory come', async () => {
    const { layout, calls, link } = await setOpen(sessions, { answers: [entry('c', { position: 1.5 })] })
    const moving = layout.move('c', 1)
    expect(ids(layout)).toEqual(['a', 'c', 'b'])
    await moving
    expect(calls).toEqual([{ method: 'PATCH', url: '/sessions/c', body: { position: 1.5 } }])
    await link.says({ type: 'directory', sessions: [entry('a', { position: 1, title: 'A' })] })
    expect(ids(layout)).toEqual(['a', 'c', 'b'])
  })

  test('what cannot be moved goes back', async () => {
    const { layout } = await setOpen(sessions)
    await expect(layout.move('c', 0)).rejects.toMatchObject({ code: 'unreachable' })
    expect(ids(layout)).toEqual(['a', 'b', 'c'])
  })

  test('a new title is shown at once, and taken back where the server refuses it', async () => {
    const { layout } = await setOpen(sessions, { answers: [entry('a', { position: 1, title: 'Rome' })] })
    const renaming = layout.rename('a', 'Rome')
    expect(layout.state.sessions[0]?.title).toBe('Rome')
    await renaming
    expect(layout.state.sessions[0]?.title).toBe('Rome')
    await expect(layout.rename('a', 'Lisbon')).rejects.toMatchObject({ code: 'unreachable' })
    expect(layout.state.sessions[0]?.title).toBe('Rome')
  })

  test('settings are the server’s', async () => {
    const { layout, link } = await setOpen(sessions, { answers: [entry('a', { position: 1, settings: { model: 'x' } })] })
    const setting = layout.setSettings('a', { model: 'x' })
    expect(layout.state.sessions[0]?.settings).toEqual({ model: 'x' })
    await setting
    await link.says({ type: 'directory', sessions: [entry('a', { position: 1, settings: { model: 'y' } })] })
    expect(layout.state.sessions[0]?.settings).toEqual({ model: 'y' })
  })
})

describe('badges', () => {
  test('tell what sessions do that are not looked at', async () => {
    const { layout, link } = await setOpen([
      entry('a', { position: 0 }),
      entry('b', { position: 1, status: 'running' }),
      entry('c', { position: 2, status: 'waiting' }),
      entry('d', { position: 3, last: { run: 'old', outcome: 'success' } }),
    ])
    expect(badges(layout)).toEqual({ a: undefined, b: 'running', c: 'needs_you', d: undefined })
    await link.says({
      type: 'directory',
      sessions: [
        entry('b', { position: 1, last: { run: 'r', outcome: 'success' } }),
        entry('c', { position: 2, last: { run: 's', outcome: 'error' } }),
      ],
    })
    expect(badges(layout)).toEqual({ a: undefined, b: 'finished', c: 'failed', d: undefined })
    layout.activate('b')
    expect(badges(layout)).toMatchObject({ b: undefined, c: 'failed' })
    layout.activate('a')
    expect(badges(layout)).toMatchObject({ b: undefined, c: 'failed' })
  })

  test('what finished while no page was open is told on the next one, until it is looked at', async () => {
    const storage = memoryStorage()
    const before = [entry('a', { position: 0 }), entry('b', { position: 1, last: { run: 'r1', outcome: 'success' } })]
    const first = await setOpen(before, { storage })
    await first.clock.settle()
    first.client.close()
    const after = [entry('a', { position: 0 }), entry('b', { position: 1, last: { run: 'r2', outcome: 'success' } })]
    const second = await setOpen(after, { storage })
    await second.clock.settle()
    expect(badges(second.layout)).toEqual({ a: undefined, b: 'finished' })
    second.layout.activate('b')
    await second.clock.settle()
    second.client.close()
    const third = await setOpen(after, { storage, active: 'a' })
    await third.clock.settle()
    expect(badges(third.layout)).toEqual({ a: undefined, b: undefined })
  })

  test('so is the end of a session’s first run, also where the server answers before the storage', async () => {
    const storage = memoryStorage()
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    const slowly: KeyValueStorage = { ...storage, get: (key) => opened.then(() => storage.get(key)) }
    const before = [entry('a', { position: 0 }), entry('b', { position: 1 }), entry('c', { position: 2, status: 'running' })]
    const first = await setOpen(before, { storage })
    await first.clock.settle()
    first.client.close()
    const last = { run: 'r1', outcome: 'success' } as const
    const after = [entry('a', { position: 0 }), entry('b', { position: 1, last }), entry('c', { position: 2, last }), entry('d', { last })]
    const second = await setOpen(after, { storage: slowly })
    await second.clock.advance(300)
    open()
    await second.clock.settle()
    expect(badges(second.layout)).toMatchObject({ a: undefined, b: 'finished', c: 'finished', d: undefined })
  })
})

describe('on the next page', () => {
  const sessions = [entry('a', { position: 1 }), entry('b', { position: 2, settings: { model: 'x' } })]

  test('order, active one, settings, drafts and last state are there before the network answers', async () => {
    const storage = memoryStorage()
    const { layout, link, clock, client } = await setOpen(sessions, { storage })
    await attached(link, 'a')
    layout.activate('b')
    await attached(link, 'b')
    await link.says(batch('b', 1, [note(1)]))
    layout.setDraft('b', 'half a')
    layout.setDraft('b', 'half a sentence')
    await clock.advance(2_000)
    client.close()

    const next = setLayout({ storage })
    await next.clock.settle()
    expect(next.layout.state).toMatchObject({
      status: 'loading',
      active: 'b',
      sessions: [
        { id: 'a', draft: '' },
        { id: 'b', draft: 'half a sentence', settings: { model: 'x' } },
      ],
    })
    expect(next.layout.state.sessions[1]?.session?.state.custom).toEqual({ note: 1 })
  })

  test('the server’s word wins over what was kept', async () => {
    const storage = memoryStorage()
    const first = await setOpen(sessions, { storage })
    await first.clock.settle()
    first.client.close()
    const { layout, link } = await setOpen([entry('b', { position: 2, title: 'B' })], { storage })
    expect(ids(layout)).toEqual(['b'])
    expect(layout.state).toMatchObject({ status: 'ready', active: 'b', sessions: [{ title: 'B' }] })
    expect(link.closed()).toBeUndefined()
  })

  test('what is typed before the kept draft was read stays, and an empty draft is forgotten', async () => {
    const storage = memoryStorage()
    const first = await setOpen(sessions, { storage })
    first.layout.setDraft('a', 'old')
    first.layout.dispose()
    await first.clock.settle()
    const second = setLayout({ storage })
    second.layout.setDraft('a', 'new')
    await second.clock.advance(1_000)
    expect(second.layout.state.sessions[0]?.draft).toBe('new')
    second.layout.setDraft('a', '')
    await second.clock.advance(1_000)
    expect((await storage.keys('')).filter((key) => key.includes('draft'))).toEqual([])
  })

  test('of another user there is nothing of it', async () => {
    const storage = memoryStorage()
    const first = await setOpen(sessions, { storage })
    first.layout.setDraft('a', 'secret')
    await first.clock.advance(1_000)
    first.client.close()
    const { layout, welcomed, clock } = setLayout({ storage })
    await clock.settle()
    expect(layout.state.sessions[0]?.draft).toBe('secret')
    const link = await welcomed({ principal: 'ben' })
    expect(layout.state).toEqual({ status: 'loading', sessions: [] })
    await link.says({ type: 'directory', sessions: [entry('a')] })
    await clock.settle()
    expect(layout.state.sessions).toMatchObject([{ id: 'a', draft: '' }])
  })
})

test('disposing leaves no timer and no listener, and the client goes on', async () => {
  const { layout, client, link, clock } = await setOpen([entry('a', { position: 1 }), entry('b', { position: 2 })])
  await attached(link, 'a')
  layout.activate('b')
  await attached(link, 'b')
  layout.setDraft('a', 'x')
  const { pending } = clock
  let changes = 0
  layout.subscribe(() => (changes += 1))
  layout.dispose()
  await link.says({ type: 'directory', sessions: [entry('c')] })
  expect(changes).toBe(0)
  expect(clock.pending).toBe(pending - 2)
  expect(client.state.status).toBe('live')
})

describe('what comes late', () => {
  test('after it was let go of follows nothing', async () => {
    let answer: ((value: unknown) => void) | undefined
    const slow = {
      ...memoryStorage(),
      get: (key: string) =>
        key.endsWith('layout') ? new Promise<string>((resolve) => (answer = resolve as never)) : Promise.resolve(undefined),
    }
    const { client, layout, clock } = setLayout({ storage: slow })
    await clock.settle()
    layout.dispose()
    answer?.(JSON.stringify({ at: clock.now(), value: { active: 'a', entries: [entry('a')] } }))
    await clock.settle()
    expect(client.followed('a')).toBeUndefined()
  })

  test('of a change that the one before asked for is not shown to another', async () => {
    const { layout, link, answers, clock, welcomed } = await setOpen([entry('a')])
    let answer: (() => void) | undefined
    answers.push(new Promise((resolve) => (answer = () => resolve(entry('a', { title: 'of ann' })))))
    const changing = layout.setSettings('a', 1)
    await clock.settle()
    link.wire.cut()
    const next = await welcomed({ principal: 'ben' })
    await next.says({ type: 'directory', sessions: [] })
    answer?.()
    await changing
    expect(ids(layout)).toEqual([])
  })

  test('of a session that was to be opened for the one before is not shown to another', async () => {
    const { client, layout, link, answers, clock, welcomed } = await setOpen([])
    let answer: (() => void) | undefined
    answers.push(new Promise((resolve) => (answer = () => resolve(entry('a', { title: 'of ann' })))))
    const opening = expect(layout.open('a')).rejects.toMatchObject({ code: 'closed' })
    await clock.settle()
    link.wire.cut()
    await (await welcomed({ principal: 'ben' })).says({ type: 'directory', sessions: [] })
    answer?.()
    await opening
    expect(ids(layout)).toEqual([])
    expect(client.followed('a')).toBeUndefined()
  })

  test('of a close that failed brings back no session of the one before', async () => {
    const { client, layout, link, answers, clock, welcomed } = await setOpen([entry('a')])
    let fail: (() => void) | undefined
    answers.push(new Promise((_, reject) => (fail = () => reject(new TypeError('gone')))))
    const closing = expect(layout.close('a')).rejects.toThrow()
    await clock.settle()
    link.wire.cut()
    await (await welcomed({ principal: 'ben' })).says({ type: 'directory', sessions: [] })
    fail?.()
    await closing
    expect(client.followed('a')).toBeUndefined()
  })
})

test('a session that the app has detached is followed anew when it is shown again', async () => {
  const { layout, client } = await setOpen([entry('a')])
  client.session('a').detach()
  expect(layout.activate('a').state.failure).toBeUndefined()
})

test('what a listener throws is told to the platform', () => {
  const { layout } = setLayout()
  const told: unknown[] = []
  const platform = globalThis as { reportError?: (error: unknown) => void }
  const before = platform.reportError
  platform.reportError = (error) => told.push(error)
  try {
    layout.subscribe(() => {
      throw new Error('mine')
    })
    layout.setDraft('a', 'x')
  } finally {
    if (before) platform.reportError = before
    else delete platform.reportError
  }
  expect(told).toMatchObject([{ message: 'mine' }])
})
