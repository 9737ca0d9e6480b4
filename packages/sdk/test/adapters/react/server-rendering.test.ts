// @vitest-environment happy-dom
import { act, createElement as h } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { useConnection, useSession, useSessions } from '../../../src/adapters/react/index.ts'
import type { Client } from '../../../src/index.ts'
import { batch, runStarted, setSession, setStage } from '../../stage.ts'
import { newBox } from './mounted.ts'

function Page({ client }: { client: Client }) {
  const { messages, caughtUp } = useSession(client, 's')
  const { status } = useConnection(client)
  const sessions = useSessions(client)
  return h('p', null, `${messages.length} ${caughtUp} ${status} ${sessions?.length}`)
}

test('on the server everything is blank, and nothing is dialled or followed', async () => {
  const { client, clock, links } = setStage()
  expect(renderToString(h(Page, { client }))).toBe('<p>0 false idle undefined</p>')
  await clock.advance(60_000)
  expect([links.length, client.state.status]).toEqual([0, 'idle'])
})

test('a page that was rendered there is taken over as it is, and goes on from what its client knows', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const { client, link } = await setSession()
  await link.says(batch('s', 1, [runStarted('r1', { id: 'u1', content: 'Hi' })]))
  const box = newBox()
  box.innerHTML = renderToString(h(Page, { client: setStage().client }))
  const disagreements: unknown[] = []
  await act(async () => void hydrateRoot(box, h(Page, { client }), { onRecoverableError: (error) => disagreements.push(error) }))
  expect(disagreements).toEqual([])
  expect(box.textContent).toBe('1 true live undefined')
})
