import { describe, expect, test } from 'vitest'
import type { SessionEntry, SessionPage } from '../../src/index.ts'
import { listOpen, type ListPage } from '../../src/list-open.ts'
import { entry } from '../entry.ts'
import { jsonAnswer } from '../json-answer.ts'
import { batch, setStage, snapshot } from '../stage.ts'

/** A `fetch` that answers a list of sessions whenever the test lets it. */
function listing(...answers: (readonly SessionEntry[] | SessionPage | 'fails')[]) {
  const urls: string[] = []
  return {
    urls,
    fetch: async (url: string) => {
      urls.push(url)
      const answer = answers.shift() ?? []
      if (answer === 'fails') throw new TypeError('fetch failed')
      return jsonAnswer('sessions' in answer ? answer : { sessions: answer })
    },
  }
}

describe('restoring', () => {
  test('follows the open sessions in their order, each with history and live tail', async () => {
    const { fetch } = listing([entry('b', { position: 2 }), entry('a', { position: 1 }), entry('c', { position: 3 })])
    const { client, welcomed } = setStage({ fetch })
    const sessions = await client.restore()
    expect(sessions.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    const link = await welcomed()
    for (const { id } of sessions) {
      const attach = await link.hears('attach')
      expect(attach.session).toBe(id)
      await link.says(snapshot(attach.id, id, 3, { custom: { note: 3 } }), batch(id, 4))
    }
    expect(sessions.map(({ state }) => state.custom)).toEqual([{ note: 4 }, { note: 4 }, { note: 4 }])
  })

  test('one that fails is in its place, with its own failure and retry, and the others are whole', async () => {
    const { fetch } = listing([entry('a', { position: 1 }), entry('b', { position: 2 })])
    const { client, welcomed } = setStage({ fetch })
    const [a, b] = await client.restore()
    const link = await welcomed()
    const first = await link.hears('attach')
    const second = await link.hears('attach')
    await link.says({ type: 'refused', id: first.id, session: 'a', code: 'forbidden', message: 'no' }, snapshot(second.id, 'b', 1))
    expect(a?.state.failure).toMatchObject({ code: 'forbidden' })
    expect(b?.state).toMatchObject({ caughtUp: true })
    a?.retry()
    const again = await link.hears('attach')
    await link.says(snapshot(again.id, 'a', 1))
    expect(a?.state.failure).toBeUndefined()
  })

  test('a list of more than one page is restored wholly', async () => {
    const many = Array.from({ length: 230 }, (_, index) => entry(`s${index}`, { position: index, updatedAt: 1_000 - index }))
    const first = many.slice(0, 200)
    const { fetch, urls } = listing({ sessions: first, next: '801.s199' }, many.slice(200), { sessions: first, next: '801.s199' })
    const { client } = setStage({ fetch })
    expect((await client.restore()).map(({ id }) => id)).toEqual(many.map(({ id }) => id))
    expect(urls.map((url) => url.split('?')[1])).toEqual([
      'open=true&limit=200',
      'open=true&limit=200&before=801.s199',
      'open=true&limit=200',
    ])
  })

  test('where the list cannot be loaded nothing changes, and it can be tried again', async () => {
    const { fetch } = listing('fails', [entry('a')])
    const { client, clock, links } = setStage({ fetch })
    await expect(client.restore()).rejects.toMatchObject({ code: 'unreachable' })
    await clock.settle()
    expect(links).toHaveLength(0)
    expect((await client.restore()).map(({ id }) => id)).toEqual(['a'])
  })

  test('twice is the same sessions, and at the same time one question', async () => {
    const { fetch, urls } = listing([entry('a')], [entry('a')])
    const { client } = setStage({ fetch })
    const [one, two] = await Promise.all([client.restore(), client.restore()])
    expect(urls).toHaveLength(1)
    expect(two).toBe(one)
    expect((await client.restore())[0]).toBe(one[0])
    expect(client.session('a')).toBe(one[0])
  })

  test('a session that was followed before, with events that came meanwhile, stays as it is', async () => {
    let answer: (() => void) | undefined
    const { fetch } = listing([entry('s')])
    const { client, welcomed } = setStage({
      fetch: async (url) => {
        await new Promise<void>((resolve) => (answer = resolve))
        return fetch(url)
      },
    })
    const session = client.session('s')
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    const events: number[] = []
    session.on('event', (_event, { seq }) => events.push(seq))
    const restoring = client.restore()
    await link.says(batch('s', 1))
    answer?.()
    expect((await restoring)[0]).toBe(session)
    await link.says(batch('s', 2))
    expect(events).toEqual([1, 2])
    expect(link.heard.filter(({ type }) => type === 'attach')).toHaveLength(1)
  })

  test('one that is closed on another device is told here, and so is one that was closed while nobody listened', async () => {
    const { fetch } = listing([entry('a'), entry('b'), entry('c')])
    const { client, welcomed } = setStage({ fetch })
    const closed: string[] = []
    client.on('closed', (id) => closed.push(id))
    await client.restore()
    const link = await welcomed()
    await link.hears('watch')
    await link.says({ type: 'directory', sessions: [entry('a'), entry('b'), entry('c'), entry('d', { open: false })] })
    expect(closed).toEqual([])
    await link.says({ type: 'directory', sessions: [entry('a', { open: false }), entry('d', { open: false })] })
    expect(closed).toEqual(['a'])
    await link.says({ type: 'directory', sessions: [], gone: ['b'] })
    expect(closed).toEqual(['a', 'b'])
    link.wire.cut()
    await (await welcomed()).says({ type: 'directory', sessions: [] })
    expect(closed).toEqual(['a', 'b', 'c'])
  })

  test('one that was closed between the list and the first directory is told', async () => {
    const { fetch } = listing([entry('a'), entry('b')])
    const { client, welcomed } = setStage({ fetch })
    const closed: string[] = []
    client.on('closed', (id) => closed.push(id))
    await client.restore()
    await (await welcomed()).says({ type: 'directory', sessions: [entry('a')] })
    expect(closed).toEqual(['b'])
  })

  test('of a list that comes in several frames, none is told as closed that one of them names', async () => {
    const { client, welcomed } = setStage()
    const closed: string[] = []
    client.on('closed', (id) => closed.push(id))
    client.watch()
    const link = await welcomed()
    await link.says({ type: 'directory', sessions: [entry('a'), entry('b'), entry('c')] })
    link.wire.cut()
    const next = await welcomed()
    await next.says({ type: 'directory', sessions: [entry('c')], more: true })
    expect(closed).toEqual([])
    expect(client.directory).toHaveLength(3)
    await next.says({ type: 'directory', sessions: [entry('a')] })
    expect(closed).toEqual(['b'])
    expect(client.directory?.map(({ id }) => id).toSorted()).toEqual(['a', 'c'])
  })

  test('of a list that broke off, nothing counts', async () => {
    const { client, welcomed } = setStage()
    client.watch()
    const link = await welcomed()
    await link.says({ type: 'directory', sessions: [entry('a')], more: true })
    link.wire.cut()
    await (await welcomed()).says({ type: 'directory', sessions: [entry('b')] })
    expect(client.directory?.map(({ id }) => id)).toEqual(['b'])
  })

  test('a change that comes in several frames is told once', async () => {
    const { client, welcomed } = setStage()
    client.watch()
    const link = await welcomed()
    await link.says({ type: 'directory', sessions: [entry('a')] })
    const told: (number | undefined)[] = []
    client.on('directory', (directory) => told.push(directory?.length))
    await link.says({ type: 'directory', sessions: [entry('b')], more: true })
    await link.says({ type: 'directory', sessions: [entry('c')] })
    expect(told).toEqual([3])
  })
})

describe('the list of open sessions', () => {
  /** A server with these sessions, newest first, which gives 200 at once. */
  function server(sessions: SessionEntry[], onPage: (page: number) => void = () => {}): ListPage {
    let page = 0
    return async ({ before, limit }) => {
      onPage((page += 1))
      const [time = Infinity, id = ''] = before?.split('.') ?? []
      const rest = sessions
        .toSorted((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1))
        .filter((one) => one.updatedAt < Number(time) || (one.updatedAt === Number(time) && one.id < id))
      const last = rest[limit - 1]
      return { sessions: rest.slice(0, limit), ...(last && rest.length > limit && { next: `${last.updatedAt}.${last.id}` }) }
    }
  }

  test('of several pages is loaded wholly, also where many share one moment', async () => {
    const sessions = Array.from({ length: 450 }, (_, index) => entry(`s${index}`, { position: index, updatedAt: Math.floor(index / 300) }))
    expect((await listOpen(server(sessions))).map(({ id }) => id)).toEqual(sessions.map(({ id }) => id))
  })

  test('lacks none that moved to the first page meanwhile, and has none twice', async () => {
    const sessions = Array.from({ length: 450 }, (_, index) => entry(`s${index}`, { position: index, updatedAt: index }))
    const list = server(sessions, (page) => {
      if (page === 2) sessions[3] = entry('s3', { position: 3, updatedAt: 9_999 })
    })
    expect((await listOpen(list)).map(({ id }) => id)).toEqual(sessions.map(({ id }) => id))
  })

  test('of one page is asked for once', async () => {
    let pages = 0
    await listOpen(server([entry('a')], (page) => (pages = page)))
    expect(pages).toBe(1)
  })

  test('ends where a server names the same place again and again', async () => {
    const list: ListPage = async () => ({ sessions: [entry('a')], next: '0.a' })
    expect(await listOpen(list)).toEqual([entry('a')])
  })
})
