import { describe, expect, test } from 'vitest'
import { loadLazyCode } from './load-lazy-code.ts'
import { runSchedule } from './schedule.ts'
import type { Tally } from './stage.ts'

const { SEED, FIRST_SEED = '1', SCHEDULES = '2000' } = process.env

/** A failure names its seed; SEED=n replays that one alone. SCHEDULES=n runs another number of them, from FIRST_SEED=n on. */
const seeds = SEED === undefined ? Array.from({ length: Number(SCHEDULES) }, (_, n) => Number(FIRST_SEED) + n) : [Number(SEED)]

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
  'stream not held',
  'switch back',
  'token: accepted',
  'expired',
  'clock ahead',
  'clock back',
  'superseded',
  'take back',
  'storage slow',
  'storage failed',
  'unsaved',
  'unsent',
  'taken back',
  'taken up',
  'asked',
  'answered',
  'token: missing',
  'edit of what runs',
  'rewound',
  'edit busy',
  'edit without a link',
  'answer without a link',
  'answer interrupt_closed',
  'stop without a link',
  'stopped',
  'not running',
]

// A fault that strikes often needs no more to be understood.
const ENOUGH_FAILURES = 5

describe('random cuts, both sides real', () => {
  test(`${seeds.length} schedules: nothing lost, nothing doubled, nothing stuck`, { timeout: 300_000 }, async () => {
    await loadLazyCode()
    const tally: Tally = new Map()
    const failed: object[] = []
    for (const seed of seeds) {
      const troubles = await runSchedule(seed, tally)
      if (troubles.length > 0) failed.push({ seed, troubles })
      if (failed.length === ENOUGH_FAILURES) break
    }
    const counts = [...new Set([...MUST_OCCUR, ...tally.keys()])].map((name) => `${name} ${tally.get(name) ?? 0}`)
    process.stdout.write(`random cuts: ${counts.join(', ')}\n`)
    expect(failed).toEqual([])
    // A few schedules cannot show everything.
    if (seeds.length >= 500) expect(MUST_OCCUR.filter((name) => !tally.has(name))).toEqual([])
  })
})
