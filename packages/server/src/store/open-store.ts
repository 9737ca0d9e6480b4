import { createMemoryStore } from './memory-store.ts'
import type { Store } from './port.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { StoreError } from './store-error.ts'

/** What a store URL names. */
export type StoreAddress =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly file: string; readonly synchronous: 'normal' | 'full' }

/** What every store takes, whatever its kind. */
export interface OpenStoreOptions {
  /** The clock that leases run by, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** Told what went wrong beside the calls. @default nobody is told */
  readonly onWarning?: (warning: StoreError) => void
}

/**
 * Opens the store that a URL names: `memory:`, `sqlite:FILE` or `sqlite:FILE?synchronous=full`.
 *
 * @throws StoreError `failed` where the URL names none; else what opening it throws.
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const address = parseStoreUrl(url)
  switch (address.kind) {
    case 'memory':
      return createMemoryStore(options)
    case 'sqlite':
      return openSqliteStore({ ...options, file: address.file, synchronous: address.synchronous })
    default:
      return address satisfies never
  }
}

/**
 * Takes a store URL apart. The file is a path as the shell has it, relative to the working directory; nothing in it is percent-encoded.
 *
 * @throws StoreError `failed` where the URL names no store, or an option is not known.
 */
export function parseStoreUrl(url: string): StoreAddress {
  const [, scheme = '', path = '', query = ''] = /^([a-z]+):([^?]*)(?:\?(.*))?$/s.exec(url) ?? []
  const options = new URLSearchParams(query)
  switch (scheme) {
    case 'memory':
      if (path !== '') throw wrong(url, 'memory: takes no path')
      checkOptions(url, options, [])
      return { kind: 'memory' }
    case 'sqlite': {
      if (path === '' || path === ':memory:') throw wrong(url, 'sqlite: needs a file, as in sqlite:data/throughline.db')
      checkOptions(url, options, ['synchronous'])
      const synchronous = options.get('synchronous') ?? 'normal'
      if (synchronous !== 'normal' && synchronous !== 'full') throw wrong(url, `synchronous is normal or full, not ${synchronous}`)
      return { kind: 'sqlite', file: path, synchronous }
    }
    default:
      throw wrong(url, 'a store is sqlite:FILE, sqlite:FILE?synchronous=full or memory:')
  }
}

function checkOptions(url: string, options: URLSearchParams, known: readonly string[]): void {
  for (const name of options.keys()) {
    if (!known.includes(name)) throw wrong(url, `there is no option ${name}${known.length === 0 ? '' : `, only ${known.join(', ')}`}`)
  }
}

function wrong(url: string, why: string): StoreError {
  return new StoreError('failed', `"${url}" names no store: ${why}`)
}
