import { connect } from '@throughline/sdk'
import { openLayout } from '@throughline/sdk/layout'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { noTokens } from '../../src/access/no-tokens.ts'
import { say } from '../../src/agent/builders.ts'
import { createServer } from '../../src/cli/create-server.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'

/** A server where a principal has more open sessions than fit a page of the list, or a frame of the directory. */
async function crowded() {
  const server = await createServer({
    store: createMemoryStore(),
    agents: [{ name: 'echo', run: () => say('hi') }],
    authenticate: noTokens(),
  })
  onTestFinished(async () => {
    const closed = server.close()
    server.app.server.closeAllConnections()
    await closed
  })
  const url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  const ids: string[] = []
  for (let position = 0; position < 450; position++) {
    const { session } = await server.host.create('local', {})
    await server.host.update('local', session.id, { position })
    ids.push(session.id)
  }
  const client = connect(url, { WebSocket, fetch: (to, init) => fetch(to, init) })
  onTestFinished(() => client.close())
  return { client, ids, server }
}

test('a layout has all open sessions, in their order, however many there are', async () => {
  const { client, ids } = await crowded()
  const layout = openLayout(client)
  onTestFinished(() => layout.dispose())
  await vi.waitFor(() => expect(layout.state.status).toBe('ready'))
  expect(layout.state.sessions.map(({ id }) => id)).toEqual(ids)
})

test('so has a directory, and only what is closed is told as closed', async () => {
  const { client, ids, server } = await crowded()
  const closed: string[] = []
  client.on('closed', (id) => closed.push(id))
  client.watch()
  await vi.waitFor(() => expect(client.directory).toHaveLength(ids.length))
  await server.host.update('local', ids[0] ?? '', { open: false })
  await vi.waitFor(() => expect(closed).toEqual([ids[0]]))
})

test('and they are restored, in their order', async () => {
  const { client, ids } = await crowded()
  expect((await client.restore()).map(({ id }) => id)).toEqual(ids)
})
