import { setTimeout as passes } from 'node:timers/promises'
import type { Snapshot } from '@throughline/sdk/protocol'
import { faultProxy, type FaultProxy } from '@throughline/sdk/testing/fault-proxy'
import { onTestFinished } from 'vitest'
import { noTokens } from '../../src/access/no-tokens.ts'
import { say } from '../../src/agent/builders.ts'
import { createServer } from '../../src/cli/create-server.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { fastClock, type FastClock } from './fast-clock.ts'

/** A whole server that listens, behind a network that breaks, with one session whose agent talks until it is told that it is enough. */
export interface TalkingServer {
  readonly proxy: FaultProxy
  readonly session: string
  readonly read: () => Promise<Snapshot>
  readonly enough: () => void
}

/** How many times as fast as usual all deadlines pass, on both sides. */
const FACTOR = 10
const WORD_EVERY_MS = 4

/** A clock for a client of such a server. */
export function clientClock(): FastClock {
  return fastClock(FACTOR)
}

/** Serves until the test ends. */
export async function talkingServer(): Promise<TalkingServer> {
  const timers = fastClock(FACTOR)
  const talk = new AbortController()

  async function* numbers(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    for (let number = 1; !signal.aborted; number += 1) {
      yield `${number} `
      await passes(WORD_EVERY_MS)
    }
  }

  const server = await createServer({
    store: createMemoryStore({ now: timers.now }),
    agents: [{ name: 'talker', run: ({ signal }) => say(numbers(AbortSignal.any([signal, talk.signal]))) }],
    authenticate: noTokens(),
    timers,
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const proxy = await faultProxy({ target: url })
  onTestFinished(async () => {
    await proxy.close()
    await server.close()
  })
  const { session } = await server.host.create('local', {})
  return {
    proxy,
    session: session.id,
    read: async () => (await server.host.read('local', session.id)).snapshot,
    enough: () => talk.abort(),
  }
}
