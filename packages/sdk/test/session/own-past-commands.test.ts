import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/saved/index.ts'
import { DAY_MS, sends, waiting } from '../earlier-page.ts'
import { jsonAnswer } from '../json-answer.ts'
import { setStage, snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

const MESSAGE = { id: 'old', role: 'user', parts: [{ type: 'text', id: 'old', text: 'old' }] }
const REFUSED = { code: 'invalid', message: 'there is no message old in the session' }
const OFFLINE = () => Promise.reject(new TypeError('fetch failed'))

type Page = ReturnType<typeof setStage>

/** A hidden page without a link on which a command is given, and which is looked at again more than a day later. */
async function setPast(
  give: (session: ReturnType<Page['client']['session']>) => Promise<unknown>,
  fetch: () => Promise<unknown> = OFFLINE,
) {
  const storage = memoryStorage()
  const page = setStage({ storage, user: 'ann', fetch: fetch as never })
  page.wake.state.hidden = true
  const session = page.client.session('s')
  let told: unknown
  void give(session).then(
    (result) => (told = result),
    (error: { readonly code: string }) => (told = error.code),
  )
  await page.clock.settle()
  page.clock.sleep(DAY_MS + 60_000)
  page.wake.state.hidden = false
  page.wake.signal('visible')
  const link = await page.welcomed()
  const { id } = await link.hears('attach')
  return { ...page, storage, session, link, id, told: () => told }
}

const old = (session: { send(content: string, options: { id: string }): Promise<unknown> }) => session.send('old', { id: 'old' })

describe('a command of this page that waited for a day, and that another tab may have sent,', () => {
  test('goes where it took effect, since its answer is its result', async () => {
    const { link, id, clock, told, storage } = await setPast(old)
    await link.says(snapshot(id, 's', 5, { messages: [MESSAGE] } as never))
    await clock.settle()
    expect(sends(link)).toEqual(['old'])
    expect(told()).toBeUndefined()
    await link.says({ type: 'accepted', id: 'old', result: { run: 'r' } })
    await clock.settle()
    expect(told()).toEqual({ run: 'r' })
    expect(await waiting(storage)).toEqual([])
  })

  test('is expired where it did not, and never sent', async () => {
    const refused = async () => ({ ...jsonAnswer(REFUSED), ok: false, status: 422 })
    const { link, id, clock, told, storage } = await setPast(old, refused)
    await link.says(snapshot(id, 's', 500, {}, true))
    await clock.settle()
    expect(told()).toBe('expired')
    expect(sends(link)).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })

  test('waits for the next attach where the server cannot be asked', async () => {
    const { link, id, clock, told, storage, welcomed } = await setPast(old)
    await link.says(snapshot(id, 's', 500, {}, true))
    await clock.advance(1_000)
    expect(told()).toBeUndefined()
    expect(await waiting(storage)).toEqual(['old'])
    link.wire.cut()
    const next = await welcomed()
    await next.says(snapshot((await next.hears('attach')).id, 's', 501, { messages: [MESSAGE] } as never))
    await clock.settle()
    expect([...sends(link), ...sends(next)]).toEqual(['old'])
  })

  test('waits for the next attach where the server does not answer in a minute', async () => {
    const { link, id, clock, told } = await setPast(old, () => new Promise(() => {}))
    await link.says(snapshot(id, 's', 500, {}, true))
    for (let seconds = 0; seconds < 65; seconds += 5) {
      await clock.advance(5_000)
      await link.says({ type: 'ping', n: seconds, sent: {} })
    }
    expect(told()).toBeUndefined()
    expect(sends(link)).toEqual([])
  })

  test('keeps nobody behind it waiting while the server is asked', async () => {
    const { link, id, clock, session } = await setPast(old, () => new Promise(() => {}))
    await link.says(snapshot(id, 's', 5, {}, true))
    void session.send('new', { id: 'new' })
    await clock.settle()
    expect(sends(link)).toEqual(['new'])
  })

  test('is expired where it is to take back what was queued then, since that must not go so late', async () => {
    const { link, id, clock, told } = await setPast((session) => session.unqueue('m'))
    await link.says(snapshot(id, 's', 5))
    await clock.settle()
    expect(told()).toBe('expired')
    expect(link.heard.map(({ type }) => type)).toEqual(['hello', 'attach'])
  })
})
