// @vitest-environment happy-dom
import { act, createElement as h } from 'react'
import { expect, test } from 'vitest'
import { useConnection, useSession } from '../../../src/adapters/react/index.ts'
import type { Client } from '../../../src/index.ts'
import { setStage } from '../../stage.ts'
import { countedListeners, mount } from './mounted.ts'

const Status = ({ client }: { client: Client }) => useConnection(client).status

test('a component shows where its client stands, also with another client', async () => {
  const stage = setStage()
  const { text, render } = await mount(Status, { client: stage.client })
  expect(text()).toBe('idle')
  stage.client.session('s')
  await act(() => stage.welcomed())
  expect(text()).toBe('live')
  await render({ client: setStage().client })
  expect(text()).toBe('idle')
})

test('a component that follows a session dials, and the one above it shows so', async () => {
  const { client } = setStage()
  const Followed = () => useSession(client, 's').status
  const { text } = await mount(() => [h(Status, { key: 1, client }), ', ', h(Followed, { key: 2 })], {})
  expect(text()).toBe('connecting, idle')
})

test('what nobody selects renders nothing', async () => {
  const stage = setStage()
  let renders = 0
  const Closed = () => {
    renders++
    return String(useConnection(stage.client, ({ status }) => status === 'closed'))
  }
  const { text } = await mount(Closed, {})
  stage.client.session('s')
  await act(() => stage.welcomed())
  expect([renders, text()]).toEqual([1, 'false'])
  await act(async () => stage.client.close())
  expect([renders, text()]).toEqual([2, 'true'])
})

test('a component that has gone leaves no listener', async () => {
  const { client } = setStage()
  const listeners = countedListeners(client)
  const { unmount } = await mount(Status, { client })
  expect(listeners()).toBe(1)
  await unmount()
  expect(listeners()).toBe(0)
})
