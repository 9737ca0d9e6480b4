import { SuiteBench, type Rules, type StoreUnderTest } from './suite-bench.ts'
import { catalogueRules } from './suite-catalogue.ts'
import { durabilityRules } from './suite-durability.ts'
import { effectRules } from './suite-effects.ts'
import { isolationRules } from './suite-isolation.ts'
import { journalRules } from './suite-journal.ts'
import { ownershipRules } from './suite-ownership.ts'
import { removalRules } from './suite-removal.ts'
import { snapshotRules } from './suite-snapshots.ts'

export type { StoreUnderTest } from './suite-bench.ts'

/** The two functions that the suite takes from a test runner: those of vitest, jest and `node:test` all fit. */
export interface SuiteRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: () => Promise<void>) => unknown
}

/** What the suite must know of a store beforehand. */
export interface SuiteOptions {
  /** Whether what is stored outlives the store: then `open` must give `reopen`. */
  readonly durable: boolean
}

/**
 * The tests that every store must pass: one a rule of the port, each on a store of its own.
 *
 * ```ts
 * import { storeSuite } from '@throughline/server/store-suite'
 * import { describe, test } from 'vitest'
 *
 * storeSuite({ describe, test }, async () => ({ store: await openMyStore() }), { durable: false })
 * ```
 */
export function storeSuite(runner: SuiteRunner, open: () => Promise<StoreUnderTest>, options: SuiteOptions): void {
  const parts: Readonly<Record<string, Rules>> = {
    catalogue: catalogueRules,
    removal: removalRules,
    journal: journalRules,
    effects: effectRules,
    snapshots: snapshotRules,
    ownership: ownershipRules,
    isolation: isolationRules,
    ...(options.durable && { durability: durabilityRules }),
  }
  for (const [part, rules] of Object.entries(parts)) {
    runner.describe(part, () => {
      for (const [rule, check] of Object.entries(rules)) runner.test(rule, () => checkOn(open, check))
    })
  }
}

async function checkOn(open: () => Promise<StoreUnderTest>, check: Rules[string]): Promise<void> {
  const subject = await open()
  const bench = new SuiteBench(subject)
  try {
    await check(bench)
  } finally {
    await bench.store.close()
    await subject.dispose?.()
  }
}
