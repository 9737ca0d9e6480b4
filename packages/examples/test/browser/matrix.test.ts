import { afterAll, test } from 'vitest'
import { describeInChromium } from './chromium.ts'
import * as faults from './matrix-faults.ts'
import { endure, openLane, type Fault } from './matrix-lane.ts'
import { matrixTable } from './matrix-table.ts'
import { networkNamespace } from './network-namespace.ts'

/** How often a fault befalls: `REPEATS=50 LONG_REPEATS=5` for numbers that mean something. */
const REPEATS = Number(process.env['REPEATS'] ?? 10)
const LONG_REPEATS = Number(process.env['LONG_REPEATS'] ?? 1)
const LONGEST_MS = 60_000 * Math.max(5, REPEATS, 2 * LONG_REPEATS)

/** What befalls one after the other. Lanes are side by side, each with a browser and a server of its own. */
const LANES: readonly (readonly Fault[])[] = [
  [faults.hiddenLong],
  [faults.stopped, faults.otherNetwork],
  [faults.offline, faults.deadLink],
  [faults.hiddenShortly],
  [faults.reload, faults.secondTab],
  [faults.cached, faults.frozen],
  [faults.serverKilled, faults.serverKilledUnseen],
]

describeInChromium('the page after every fault has what the server has, with no false alarm', () => {
  const catchUps = new Map<string, number[]>()

  afterAll(() => {
    process.stdout.write(`milliseconds from the wake signal until the page had caught up:\n${matrixTable(catchUps)}\n`)
  })

  async function befallAll(lane: Awaited<ReturnType<typeof openLane>>, befalling: readonly Fault[]): Promise<void> {
    try {
      for (const fault of befalling) {
        const ms: number[] = []
        catchUps.set(fault.name, ms)
        for (let time = 0; time < (fault.isLong ? LONG_REPEATS : REPEATS); time += 1) ms.push(await endure(lane, fault))
      }
    } finally {
      await lane.close()
    }
  }

  for (const befalling of LANES)
    test.concurrent(befalling.map(({ name }) => name).join('; '), { timeout: LONGEST_MS }, async () =>
      befallAll(await openLane(), befalling),
    )

  test.concurrent(faults.changedAddress.name, { timeout: LONGEST_MS }, async ({ skip }) => {
    const network = await networkNamespace()
    skip(network === undefined, 'no network namespace here')
    try {
      await befallAll(await openLane(network), [faults.changedAddress])
    } finally {
      await network?.remove()
    }
  })
})
