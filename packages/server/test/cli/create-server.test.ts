import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { StoreError } from '../../src/store/store-error.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { turn } from '../manual-timers.ts'
import { serving } from '../http/serving.ts'

test('a server that closes closes its store, and once', async () => {
  const store = createMemoryStore()
  const server = await serving({ store })
  await Promise.all([server.close(), server.close()])
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

test('a server that cannot be built leaves its store open', async () => {
  const store = createMemoryStore()
  await expect(serving({ store, web: '/nowhere' })).rejects.toThrow(/no index\.html/)
  await expect(store.ping()).resolves.toBeUndefined()
})
