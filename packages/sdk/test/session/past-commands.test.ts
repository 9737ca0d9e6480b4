import { describe, expect, test } from 'vitest'
import type { UnsentCommand } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { laterPage, sends, typed, waiting } from '../earlier-page.ts'
import { jsonAnswer } from '../json-answer.ts'
import { batch, resumed, runStarted, setSession, shown, snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

const MESSAGE = { id: 'my-text', role: 'user', run: 'r', parts: [{ type: 'text', id: 'my-text', text: 'my text' }] } as const
const REFUSED = { code: 'invalid', message: 'there is no message my-text in the session' }

/** A page on which `my text` was typed more than a day before, and another that the server answers over HTTP. */
async function setPast(answers: (() => ReturnType<typeof jsonAnswer>)[] = []) {
  const storage = memoryStorage()
  await typed(storage, 'my text')
  const urls: string[] = []
  const page = laterPage(storage, {
    fetch: async (url) => {
      urls.push(url)
      const answer = answers.shift()
      if (!answer) throw new TypeError('fetch failed')
      return answer()
    },
  })
  const session = page.client.session('s')
  const unsent: UnsentCommand[] = []
  session.on('unsent', (command) => unsent.push(command))
  const link = await page.welcomed()
  const { id } = await link.hears('attach')
  return { ...page, storage, session, unsent, link, id, urls }
}

describe('a command of an earlier page that is older than a day', () => {
  test('is not told before its session shows whether it took effect', async () => {
    const { unsent, session, storage } = await setPast()
    expect(unsent).toEqual([])
    expect(shown(session.state)).toEqual(['my-text (sending)'])
    expect(await waiting(storage)).toEqual(['my-text'])
  })

  test('is told as expired where the session lacks it, and never sent', async () => {
    const { unsent, session, storage, link, id, clock } = await setPast()
    await link.says(snapshot(id, 's', 0))
    await clock.settle()
    expect(unsent).toMatchObject([{ text: 'my text', error: { code: 'expired' } }])
    expect(shown(session.state)).toEqual([])
    expect(sends(link)).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })

  test.each([
    ['the snapshot shows it', { messages: [MESSAGE] }],
    ['it waits in the queue', { queue: [{ message: { id: 'my-text', role: 'user', content: 'my text' }, by: 'ann' }] }],
    ['the snapshot shows it without its run', { messages: [{ ...MESSAGE, run: undefined }] }],
  ] as const)('is settled where %s, and not told', async (_, transcript) => {
    const { unsent, storage, link, id, clock } = await setPast()
    await link.says(snapshot(id, 's', 3, transcript as never))
    await clock.settle()
    expect(unsent).toEqual([])
    expect(sends(link)).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })

  test('is settled where what was saved shows it', async () => {
    const storage = memoryStorage()
    const first = await setSession({ storage, user: 'ann' })
    await first.link.says(batch('s', 1, [runStarted('r', { id: 'my-text', content: 'my text' })]))
    await first.clock.advance(2_000)
    first.client.close()
    await typed(storage, 'my text')
    const { client, clock, welcomed } = laterPage(storage)
    const unsent: UnsentCommand[] = []
    const session = client.session('s')
    session.on('unsent', (command) => unsent.push(command))
    const link = await welcomed()
    await link.says(resumed((await link.hears('attach')).id, 's', 1))
    await clock.settle()
    expect(unsent).toEqual([])
    expect(shown(session.state)).toEqual(['my-text'])
    expect(await waiting(storage)).toEqual([])
  })

  test('keeps nobody behind it waiting', async () => {
    const { session, link, id, clock } = await setPast()
    await link.says(snapshot(id, 's', 9, {}, true))
    void session.send('now', { id: 'now' })
    await clock.settle()
    expect(sends(link)).toEqual(['now'])
  })
})

describe('one that may be older than the window', () => {
  test('is asked of the server, and settled where that has it', async () => {
    const { unsent, storage, link, id, clock, urls } = await setPast([() => jsonAnswer({ messages: [], more: false })])
    await link.says(snapshot(id, 's', 9, {}, true))
    await clock.settle()
    expect(urls.map((url) => url.split('/v1')[1])).toEqual(['/sessions/s/messages?before=my-text&limit=1'])
    expect(unsent).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })

  test('is told where the server has it not', async () => {
    const { unsent, storage, link, id, clock } = await setPast([() => ({ ...jsonAnswer(REFUSED), ok: false, status: 422 })])
    await link.says(snapshot(id, 's', 9, {}, true))
    await clock.settle()
    expect(unsent).toMatchObject([{ text: 'my text', error: { code: 'expired' } }])
    expect(await waiting(storage)).toEqual([])
  })

  test('waits for the next attach where the server does not answer', async () => {
    const { unsent, storage, link, id, clock, welcomed } = await setPast([
      () => {
        throw new TypeError('fetch failed')
      },
      () => ({ ...jsonAnswer(REFUSED), ok: false, status: 422 }),
    ])
    await link.says(snapshot(id, 's', 9, {}, true))
    await clock.settle()
    expect(unsent).toEqual([])
    expect(await waiting(storage)).toEqual(['my-text'])
    link.wire.cut()
    const next = await welcomed()
    await next.says(resumed((await next.hears('attach')).id, 's', 9))
    await clock.settle()
    expect(unsent).toHaveLength(1)
    expect([...sends(link), ...sends(next)]).toEqual([])
  })
})
