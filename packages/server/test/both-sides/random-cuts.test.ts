import { describe, expect, test } from 'vitest'
import { runSchedule, type Tally } from './schedule.ts'

const SCHEDULES = 500

/** A failure names its seed; SEED=n replays that one alone. */
const seeds = process.env['SEED'] === undefined ? Array.from({ length: SCHEDULES }, (_, n) => n + 1) : [Number(process.env['SEED'])]

/** What must occur at least once, or the schedules prove nothing. */
const MUST_OCCUR = ['duplicate', 'gap', 'merged', 'resumed', 'resend', 'snapshot: no_cursor', 'probe', 'lost']

describe('random cuts, both sides real', () => {
  test(`${seeds.length} schedules: nothing lost, nothing doubled, nothing stuck`, { timeout: 300_000 }, async () => {
    const tally: Tally = new Map()
    for (const seed of seeds) {
      const { clients, server, accepted, occurrences, unsettled, failures } = await runSchedule(seed, tally)
      expect({ seed, failures, unsettled }).toEqual({ seed, failures: [], unsettled: [] })
      for (const client of clients) expect({ seed, transcript: client }).toEqual({ seed, transcript: server })
      for (const message of accepted) expect({ seed, message, times: occurrences(message) }).toEqual({ seed, message, times: 1 })
    }
    process.stdout.write(`random cuts: ${[...tally].map(([name, count]) => `${name} ${count}`).join(', ')}\n`)
    if (seeds.length > 1) for (const name of MUST_OCCUR) expect({ name, count: tally.get(name) ?? 0 }).not.toEqual({ name, count: 0 })
  })
})
