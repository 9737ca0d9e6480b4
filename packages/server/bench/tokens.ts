/**
 * A token of the benchmark is a delta of four characters that tell when it was made, in units of 10 µs: whoever reads a text can tell the age of
 * each of its tokens, however they were merged on the way.
 */
export const TOKEN_LENGTH = 4

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const PAIRS = Array.from({ length: 4096 }, (_, pair) => `${ALPHABET.charAt(pair >> 6)}${ALPHABET.charAt(pair & 63)}`)
const VALUES = Array.from({ length: 128 }, (_, code) => Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))))
const UNITS = 2 ** 24

/** After so many tokens in a row a source lets everything else have its turn, as one that reads a model's answer would. */
const TOKENS_A_TURN = 512

// All processes of a machine share this clock.
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds by a clock that all processes of the machine share. */
export function monotonicMs(): number {
  return origin + performance.now()
}

/** A token made now, or at the given time. */
export function mintToken(atMs = monotonicMs()): string {
  const units = Math.floor(atMs * 100) % UNITS
  return `${PAIRS[units >> 12] ?? ''}${PAIRS[units & 4095] ?? ''}`
}

/** How old the token at this place of a text is, in units of 10 µs. */
export function ageOf(text: string, at: number, nowMs: number): number {
  let units = 0
  for (let index = at; index < at + TOKEN_LENGTH; index += 1) units = units * 64 + (VALUES[text.charCodeAt(index)] ?? 0)
  return (Math.floor(nowMs * 100) - units + 2 * UNITS) % UNITS
}

/** So many tokens, as fast as they are taken. */
export async function* burst(count: number): AsyncIterable<string> {
  for (let said = 0; said < count; said += 1) {
    if (said > 0 && said % TOKENS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    yield mintToken()
  }
}

/** Tokens that are put in by somebody else. */
export interface Tap {
  readonly tokens: AsyncIterable<string>
  /** Settles when somebody asks for the first token: the agent is at work. */
  readonly asked: Promise<void>
  put(madeMs: number): void
  end(): void
}

export function openTap(): Tap {
  const waiting: string[] = []
  let wake: (() => void) | undefined
  let isOver = false
  let tellAsked: (() => void) | undefined
  const asked = new Promise<void>((resolve) => (tellAsked = resolve))

  async function* tokens(): AsyncIterable<string> {
    tellAsked?.()
    for (;;) {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next
      if (isOver) return
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  return {
    tokens: tokens(),
    asked,
    put(madeMs) {
      waiting.push(mintToken(madeMs))
      wake?.()
    },
    end() {
      isOver = true
      wake?.()
    },
  }
}

/** Timers are late by up to a millisecond or two. What is beyond that is the server's own slowness, and counts as age of the tokens that it held up. */
const TIMER_MS = 2

/** Puts tokens into taps in turn, so many a second all together; settles when the time is over, with how many it were. */
export function pace(taps: readonly Tap[], perSecond: number, seconds: number): Promise<number> {
  return new Promise((resolve) => {
    const beginMs = monotonicMs()
    const total = Math.round(perSecond * seconds)
    let put = 0
    const tick = () => {
      const nowMs = monotonicMs()
      const due = Math.min(total, Math.floor(((nowMs - beginMs) / 1000) * perSecond))
      for (; put < due; put += 1) taps[put % taps.length]?.put(Math.min(nowMs, beginMs + (put * 1000) / perSecond + TIMER_MS))
      if (put < total) setTimeout(tick, 1)
      else resolve(total)
    }
    tick()
  })
}
