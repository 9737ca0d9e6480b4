import { randomUUID } from 'node:crypto'
import { DurableStream, IdempotentProducer, stream } from '@durable-streams/client'
import { DurableStreamTestServer } from '@durable-streams/server'
import { tokenEvent } from '../event.ts'
import type { Peer } from '../peer.ts'

/**
 * Durable Streams with its Node server on files: a producer writes over HTTP with the IdempotentProducer, viewers read with `stream()`. Compression
 * is off, which on one machine only costs.
 */
export const durableStreams: Peer = {
  name: 'durable-streams',
  packages: ['@durable-streams/server', '@durable-streams/client'],
  async serve({ directory }) {
    const server = new DurableStreamTestServer({ port: 0, host: '127.0.0.1', dataDir: directory, compression: false })
    const address = await server.start()
    return {
      address,
      async createSessions(count) {
        const ids = Array.from({ length: count }, () => randomUUID())
        for (const id of ids) await DurableStream.create({ url: `${address}/${id}`, contentType: 'application/json' })
        return ids
      },
      say: () => Promise.reject(new Error('its producers are clients')),
      close: () => server.stop(),
    }
  },
  async produce(address, session, tokens) {
    const producer = await producerOf(`${address}/${session}`)
    for await (const token of tokens) producer.append(JSON.stringify(tokenEvent(token)))
    await producer.flush()
  },
  async watch(address, session, { onText, from = '-1' }) {
    let offset = from as string
    const abort = new AbortController()
    const response = await stream<{ delta: string }>({ url: `${address}/${session}`, offset, live: true, json: true, signal: abort.signal })
    response.subscribeJson((batch) => {
      for (const { delta } of batch.items) onText(delta)
      ;({ offset } = batch)
    })
    response.closed.catch(() => {})
    return { cursor: () => offset, close: () => abort.abort() }
  },
}

function onError(error: Error): never {
  throw error
}

const producers = new Map<string, IdempotentProducer>()

/** The producer of a stream, one for its life: another would begin to count anew, and be taken for a repetition. */
async function producerOf(url: string): Promise<IdempotentProducer> {
  const known = producers.get(url)
  if (known !== undefined) return known
  const producer = new IdempotentProducer(await DurableStream.connect({ url, contentType: 'application/json' }), 'agent', {
    autoClaim: true,
    onError,
  })
  producers.set(url, producer)
  return producer
}
