import { createContext, runInContext } from 'node:vm'
import NodeWebSocket from 'ws'
import type { comeBack } from './programs/come-back.ts'
import type * as adapter from '@throughline/sdk/react-native'

/** What the program of the bundle leaves in its global scope. */
export type AppScope = typeof adapter & { readonly comeBack: typeof comeBack }

/** Built-ins of Node that Hermes, the engine of React Native, does not have. */
const NOT_IN_HERMES = [
  'Array.fromAsync',
  'Array.prototype.toSorted',
  'FinalizationRegistry',
  'Iterator',
  'Map.groupBy',
  'Object.groupBy',
  'Promise.try',
  'Promise.withResolvers',
  'Set.prototype.difference',
  'Set.prototype.intersection',
  'Set.prototype.isDisjointFrom',
  'Set.prototype.isSubsetOf',
  'Set.prototype.isSupersetOf',
  'Set.prototype.symmetricDifference',
  'Set.prototype.union',
  'SharedArrayBuffer',
  'String.prototype.isWellFormed',
  'String.prototype.toWellFormed',
]

/**
 * Runs a bundle in a scope that has what React Native gives an app, and no more: no window, document, URL, crypto, streams or text
 * decoder, a `fetch` that gives answers when they are whole, signals that only abort.
 */
export function startApp(bundle: string, WebSocket: unknown = NodeWebSocket): AppScope {
  const performance = { now: () => Date.now() }
  const scope = createContext({ WebSocket, fetch: wholeFetch, AbortController: PlainAbort, performance, setTimeout, clearTimeout })
  runInContext(NOT_IN_HERMES.map((name) => `delete ${name.includes('.') ? name : `globalThis.${name}`}`).join('\n'), scope)
  runInContext(bundle, scope)
  return scope as AppScope
}

async function wholeFetch(url: string, { signal, ...init }: { readonly signal?: PlainSignal } & Record<string, unknown> = {}) {
  const abort = new AbortController()
  signal?.addEventListener('abort', () => abort.abort())
  const answer = await fetch(url, { ...init, signal: abort.signal })
  const { ok, status, headers } = answer
  return { ok, status, headers, text: () => answer.text(), json: () => answer.json() }
}

/** React Native's signals know no `reason`, no `throwIfAborted`, no `any` and no `timeout`. */
class PlainSignal {
  readonly #listeners = new Set<() => void>()
  aborted = false

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  dispatch(): void {
    this.aborted = true
    for (const listener of this.#listeners) listener()
  }
}

class PlainAbort {
  readonly signal = new PlainSignal()

  abort(): void {
    this.signal.dispatch()
  }
}
