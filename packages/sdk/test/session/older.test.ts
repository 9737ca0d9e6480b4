import { expect, test } from 'vitest'
import type { TranscriptMessage } from '../../src/index.ts'
import { setStage, shown, snapshot } from '../stage.ts'

const page = (ids: string[], more: boolean) => ({
  ok: true,
  status: 200,
  headers: { get: () => null },
  json: async () => ({ messages: ids.map((id): TranscriptMessage => ({ id, role: 'user', parts: [] })), more }),
})

test('older messages are loaded before the first, and the cursor stays', async () => {
  const urls: string[] = []
  const pages = [page(['b', 'c'], true), page(['a'], false)]
  const { client, clock, welcomed } = setStage({
    fetch: async (url) => {
      urls.push(url)
      return pages.shift() ?? page([], false)
    },
  })
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 9, { messages: [{ id: 'd', role: 'user', parts: [] }] }, true))
  const [one, same] = await Promise.all([session.older(2), session.older(2)])
  expect(one.map((message) => message.id)).toEqual(['b', 'c'])
  expect(same).toBe(one)
  expect(session.state.more).toBe(true)
  await session.older(2)
  expect(shown(session.state)).toEqual(['a', 'b', 'c', 'd'])
  expect(session.state.more).toBe(false)
  expect(await session.older()).toEqual([])
  expect(urls).toEqual([
    'http://server.test/v1/sessions/s/messages?before=d&limit=2',
    'http://server.test/v1/sessions/s/messages?before=b&limit=2',
  ])
  link.wire.cut()
  await clock.settle()
  expect((await (await welcomed()).hears('attach')).cursor).toMatch(/\.9$/)
})

test('a page that a snapshot has overtaken is asked for again', async () => {
  const urls: string[] = []
  let answer: ((found: ReturnType<typeof page>) => void) | undefined
  const { client, clock, welcomed } = setStage({
    fetch: (url) => {
      urls.push(url)
      return new Promise((resolve) => (answer = resolve))
    },
  })
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 9, { messages: [{ id: 'd', role: 'user', parts: [] }] }, true))
  const loading = session.older()
  await clock.settle()
  await link.says(snapshot(id, 's', 99, { messages: [{ id: 'x', role: 'user', parts: [] }] }, true))
  answer?.(page(['c'], true))
  await clock.settle()
  expect(urls[1]).toContain('before=x')
  answer?.(page(['w'], true))
  await loading
  expect(shown(session.state)).toEqual(['w', 'x'])
})
