import { send } from './command-deeds.ts'
import { DEEDS } from './deeds.ts'
import { comeToRest } from './come-to-rest.ts'
import { pick } from './seeded-random.ts'
import { openStage, type Stage, type Tally } from './stage.ts'
import { troublesOf } from './troubles-of.ts'

const STEPS = 30
const FLOOD_EVERY = 50
// States of 200 KB: more than the 2 MiB of a backlog, and the 8 MiB of a journal.
const LARGE = 12
const VAST = 45

/** Runs one random schedule, from two pages that open a session to the calm in which all of them must show what the server has. Says all that is wrong then. */
export async function runSchedule(seed: number, tally: Tally): Promise<readonly string[]> {
  const stage = await openStage(seed, tally)
  const { random, clock, pages, join } = stage
  join()
  join()
  for (const page of pages.slice(0, 1)) send(stage, page)
  for (let step = 0; step < STEPS; step += 1) {
    if (step === STEPS / 2 && seed % FLOOD_EVERY === 0) await flood(stage, seed % (4 * FLOOD_EVERY) === 0 ? VAST : LARGE)
    await pick(random, DEEDS)(stage, pick(random, pages))
    await clock.advance(random() < 0.2 ? random() * 12_000 : random() * 60)
  }
  const restless = await comeToRest(stage)
  const troubles = [...restless, ...(await troublesOf(stage))]
  await stage.close()
  return troubles
}

/** More happens while one page is away than a server sends again, or keeps. */
async function flood(stage: Stage, states: number): Promise<void> {
  const [absent, present] = stage.pages
  if (!absent || !present) return
  absent.allow('nothing')
  present.allow('all')
  send(stage, present, `flood ${states}`)
  await stage.clock.advance(10_000)
  absent.allow('all')
}
