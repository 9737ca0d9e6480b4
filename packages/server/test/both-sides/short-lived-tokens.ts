import type { Authenticate } from '../../src/access/principal.ts'

/** Tokens that say themselves whose they are and when they expire, soon. */
export interface ShortLivedTokens {
  /** Gives a page a fresh one, or fails to. */
  readonly fresh: () => Promise<string>
  readonly authenticate: Authenticate
}

/** What giving them needs. */
export interface ShortLivedTokensOptions {
  readonly now: () => number
  readonly random: () => number
  readonly pause: () => Promise<void>
  /** Whether the next one cannot be had. */
  readonly fails: () => boolean
}

const LEAST_MS = 12_000
const MOST_MS = 60_000

/** Begins to give tokens. */
export function shortLivedTokens({ now, random, pause, fails }: ShortLivedTokensOptions): ShortLivedTokens {
  return {
    fresh: async () => {
      await pause()
      if (fails()) throw new Error('the app cannot get a token now')
      return `local.${Math.floor(now() + LEAST_MS + random() * (MOST_MS - LEAST_MS))}`
    },
    authenticate: async (token = '') => {
      await pause()
      const [id, expiresAt] = token.split('.')
      return id === 'local' ? { id, expiresAt: Number(expiresAt), maxLinks: Infinity } : undefined
    },
  }
}
