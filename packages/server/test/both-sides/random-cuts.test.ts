import { describe, expect, test } from 'vitest'
import { loadLazyCode } from './load-lazy-code.ts'
import { runSchedule, type Tally } from './schedule.ts'

const { SEED, SCHEDULES = '2000' } = process.env

/** A failure names its seed; SEED=n replays that one alone. SCHEDULES=n runs another number of them. */
const seeds = SEED === undefined ? Array.from({ length: Number(SCHEDULES) }, (_, n) => n + 1) : [Number(SEED)]

/** What must occur at least once, or the schedules prove nothing. */
const MUST_OCCUR = [
  'duplicate',
  'gap',
  'merged',
  'resumed',
  'snapshot: no_cursor',
  'snapshot: backlog_too_large',
  'snapshot: cursor_too_old',
  'snapshot: cursor_ahead',
  'snapshot: mark_mismatch',
  'snapshot: cursor_invalid',
  'resend',
  'probe',
  'lost',
  'painted',
  'reload',
  'crash',
  'tampered record',
  'restart',
  'stream link',
  'switch back',
]

describe('random cuts, both sides real', () => {
  test(`${seeds.length} schedules: nothing lost, nothing doubled, nothing stuck`, { timeout: 300_000 }, async () => {
    await loadLazyCode()
    const tally: Tally = new Map()
    for (const seed of seeds) {
      const { pages, server, wrong, stuck, failures } = await runSchedule(seed, tally)
      expect({ seed, failures, stuck, wrong }).toEqual({ seed, failures: [], stuck: [], wrong: [] })
      for (const page of pages) expect({ seed, transcript: page }).toEqual({ seed, transcript: server })
    }
    const counts = [...new Set([...MUST_OCCUR, ...tally.keys()])].map((name) => `${name} ${tally.get(name) ?? 0}`)
    process.stdout.write(`random cuts: ${counts.join(', ')}\n`)
    // A few schedules cannot show everything.
    if (seeds.length >= 500) expect(MUST_OCCUR.filter((name) => !tally.has(name))).toEqual([])
  })
})
