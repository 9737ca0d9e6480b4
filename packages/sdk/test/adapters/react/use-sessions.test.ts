// @vitest-environment happy-dom
import { act, createElement as h, StrictMode } from 'react'
import { expect, test } from 'vitest'
import { useSessions } from '../../../src/adapters/react/index.ts'
import type { Client, SessionEntry } from '../../../src/index.ts'
import { batch, setSession, setStage } from '../../stage.ts'
import { countedListeners, mount } from './mounted.ts'

const entry = (id: string, fields: Partial<SessionEntry> = {}): SessionEntry => ({
  id,
  title: id,
  agent: 'demo',
  status: 'idle',
  open: true,
  position: 0,
  createdAt: 1,
  updatedAt: 1,
  ...fields,
})

const List = ({ client }: { client: Client }) =>
  useSessions(client)
    ?.map(({ title, status }) => `${title} ${status}`)
    .join() ?? 'unknown'

test('the sessions are unknown, which is not none, until the server tells; then they follow it', async () => {
  const stage = setStage()
  const { text } = await mount(List, { client: stage.client })
  expect(text()).toBe('unknown')
  const link = await act(() => stage.welcomed())
  await link.hears('watch')
  await act(() => link.says({ type: 'directory', sessions: [] }))
  expect(text()).toBe('')
  await act(() => link.says({ type: 'directory', sessions: [entry('Rome', { status: 'running' })] }))
  expect(text()).toBe('Rome running')
})

test('however many components show them, also in StrictMode, they are asked for once', async () => {
  const stage = setStage()
  const Lists = () => h(StrictMode, null, h(List, { client: stage.client }), h(List, { client: stage.client }))
  const { render } = await mount(Lists, {})
  const link = await act(() => stage.welcomed())
  await render({})
  expect(link.heard.filter(({ type }) => type === 'watch')).toHaveLength(1)
})

test('the events of a session render no list of sessions, and a change of one only those who select it', async () => {
  const { client, link } = await setSession()
  const renders = { list: 0, titles: 0 }
  const Counted = () => {
    renders.list++
    return useSessions(client)?.length
  }
  const Titles = () => {
    renders.titles++
    return useSessions(client, (sessions) => sessions?.map(({ title }) => title))?.join()
  }
  const { text } = await mount(() => [h(Counted, { key: 1 }), h(Titles, { key: 2 })], {})
  await act(() => link.says({ type: 'directory', sessions: [entry('a'), entry('b')] }))
  const before = { ...renders }
  await act(() => link.says(batch('s', 1), batch('s', 2)))
  expect(renders).toEqual(before)
  await act(() => link.says({ type: 'directory', sessions: [entry('a', { status: 'running' })] }))
  expect(text()).toBe('2a,b')
  expect(renders).toEqual({ list: before.list + 1, titles: before.titles })
})

test('another selector takes effect also while they are unknown', async () => {
  const { client } = setStage()
  const Selected = ({ text }: { text: string }) => useSessions(client, (sessions) => (sessions ? 'known' : text))
  const { render, text } = await mount(Selected, { text: 'one moment' })
  await render({ text: 'still loading' })
  expect(text()).toBe('still loading')
})

test('a list that has gone leaves no listener', async () => {
  const { client } = setStage()
  const listeners = countedListeners(client)
  const { unmount } = await mount(List, { client })
  expect(listeners()).toBe(1)
  await unmount()
  expect(listeners()).toBe(0)
})

test('a client that the app has closed has unknown sessions, and no error', async () => {
  const { client } = setStage()
  client.close()
  expect((await mount(List, { client })).text()).toBe('unknown')
})

test('the titles of one user are gone as soon as another is signed in', async () => {
  const { client, welcomed } = setStage()
  const { text } = await mount(List, { client })
  const link = await act(() => welcomed())
  await act(() => link.says({ type: 'directory', sessions: [entry('Rome')] }))
  expect(text()).toBe('Rome idle')
  link.wire.cut()
  await act(() => welcomed({ principal: 'ben' }))
  expect(text()).toBe('unknown')
})
