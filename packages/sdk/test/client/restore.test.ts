import { describe, expect, test } from 'vitest'
import type { SessionEntry } from '../../src/index.ts'
import { listOpen } from '../../src/list-open.ts'
import { jsonAnswer } from '../json-answer.ts'
import { batch, setStage, snapshot } from '../stage.ts'

const entry = (id: string, fields: Partial<SessionEntry> = {}): SessionEntry => ({
  id,
  status: 'idle',
  open: true,
  position: 0,
  createdAt: 0,
  updatedAt: 0,
  ...fields,
})

/** A `fetch` that answers a list of sessions whenever the test lets it. */
function listing(...answers: (readonly SessionEntry[] | 'fails')[]) {
  const urls: string[] = []
  return {
    urls,
    fetch: async (url: string) => {
      urls.push(url)
      const sessions = answers.shift() ?? []
      if (sessions === 'fails') throw new TypeError('fetch failed')
      return jsonAnswer({ sessions })
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
    const { fetch } = listing(first, many.slice(199), first)
    const { client } = setStage({ fetch })
    expect((await client.restore()).map(({ id }) => id)).toEqual(many.map(({ id }) => id))
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
})

describe('the list of open sessions', () => {
  /** A server with these sessions, newest first, which gives 200 at once. */
  function server(sessions: SessionEntry[], onPage: (page: number) => void = () => {}) {
    let page = 0
    return async ({ before = Infinity, limit }: { readonly before?: number | undefined; readonly limit: number }) => {
      onPage((page += 1))
      return sessions
        .toSorted((a, b) => b.updatedAt - a.updatedAt)
        .filter(({ updatedAt }) => updatedAt < before)
        .slice(0, limit)
    }
  }

  test('of several pages is loaded wholly, also where many share one moment', async () => {
    const sessions = Array.from({ length: 450 }, (_, index) => entry(`s${index}`, { position: index, updatedAt: Math.floor(index / 7) }))
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
})
