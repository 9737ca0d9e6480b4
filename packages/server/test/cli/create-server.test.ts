import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { noTokens } from '../../src/access/no-tokens.ts'
import type { Agent, AgentFunction } from '../../src/agent/contract.ts'
import { createServer } from '../../src/cli/create-server.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { serving } from '../http/serving.ts'
import { alteredStore } from '../session/altered-store.ts'

/** Works until it is stopped. */
const busy: AgentFunction = async function* ({ signal }) {
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  yield { type: 'CUSTOM', name: 'stopped', value: true }
}

test('however often it is told to close, it closes its store when runs have had their time', async () => {
  const store = createMemoryStore()
  const server = await serving({ store, run: busy })
  await server.host.send(await server.session(), 'hi')
  const closing = Promise.all([server.close({ graceMs: 10_000 }), server.close()])
  await turn()
  await server.timers.advance(9_999)
  await expect(store.ping()).resolves.toBeUndefined()
  await server.timers.advance(1)
  await closing
  await expect(store.ping()).rejects.toThrow(StoreError)
})

test('a connection that never asks anything does not hold up the end', async () => {
  const server = await serving()
  const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  const idle = connect(Number(url.port), url.hostname)
  await once(idle, 'connect')
  const closed = once(idle, 'close')
  const closing = server.close()
  await turn()
  await server.timers.advance(5_000)
  await closing
  idle.resume()
  await closed
})

test('a server whose store cannot serve leaves no timer behind', async () => {
  const timers = manualTimers()
  const store = alteredStore(createMemoryStore(), () => ({ ping: () => Promise.reject(new StoreError('full', 'the disk is full')) }))
  const agent: Agent = { name: 'busy', run: busy }
  await expect(createServer({ store, agents: [agent], authenticate: noTokens(), timers })).rejects.toThrow('the disk is full')
  expect(timers.waiting()).toBe(0)
})

test('a server that cannot be built leaves its store open', async () => {
  const store = createMemoryStore()
  await expect(serving({ store, web: '/nowhere' })).rejects.toThrow(/no index\.html/)
  await expect(store.ping()).resolves.toBeUndefined()
})
