import { ageOf, monotonicMs, TOKEN_LENGTH } from './tokens.ts'

/** Ages are counted up to this, in units of 10 µs. */
const OLDEST = 3_000_000

/** Counts the tokens that arrive, and how old they are. */
export interface Tally {
  readonly add: (text: string) => void
  readonly tokens: () => number
  /** Settles when so many tokens arrived in all, with the time of the last. */
  until(tokens: number): Promise<number>
  /** The ages of the tokens that arrived since the last call, in milliseconds. */
  takeAges(): Ages
}

export interface Ages {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export function openTally(withAges: boolean): Tally {
  const counts = new Uint32Array(withAges ? OLDEST + 1 : 0)
  let tokens = 0
  let aged = 0
  let waiting: { readonly tokens: number; readonly resolve: (atMs: number) => void } | undefined

  function percentile(share: number): number {
    let left = Math.ceil(aged * share)
    for (let units = 0; units < counts.length; units += 1) {
      left -= counts[units] ?? 0
      if (left <= 0) return units / 100
    }
    return Infinity
  }

  function settle(): void {
    if (waiting === undefined || tokens < waiting.tokens) return
    waiting.resolve(monotonicMs())
    waiting = undefined
  }

  return {
    tokens: () => tokens,
    add(text) {
      tokens += text.length / TOKEN_LENGTH
      if (withAges) {
        const nowMs = monotonicMs()
        for (let at = 0; at < text.length; at += TOKEN_LENGTH) {
          const age = Math.min(OLDEST, ageOf(text, at, nowMs))
          counts[age] = (counts[age] ?? 0) + 1
        }
        aged += text.length / TOKEN_LENGTH
      }
      settle()
    },
    until(count) {
      return new Promise((resolve) => {
        waiting = { tokens: count, resolve }
        settle()
      })
    },
    takeAges() {
      const ages = { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) }
      counts.fill(0)
      aged = 0
      return ages
    },
  }
}
