import { isDeepStrictEqual } from 'node:util'
import { answer } from './command-deeds.ts'
import { reload, takeBack } from './deeds.ts'
import type { Page } from './page.ts'
import { pick } from './seeded-random.ts'
import { seen } from './seen.ts'
import type { Stage } from './stage.ts'

// A page without a network tries once each 30 s, and a lease that its node left behind lasts as long.
const ROUNDS = 30
const ROUND_MS = 5_000

/**
 * Lets everything come to rest, over whatever network each page has left: nothing runs or waits, and all pages show what the server has. Says
 * what did not.
 */
export async function comeToRest(stage: Stage): Promise<readonly string[]> {
  const { random, pages, calm, given } = stage
  const restless: string[] = []
  const until = async (what: string, isDone: () => Promise<boolean>) => {
    if (!(await waitFor(stage, isDone))) restless.push(`${what} did not come to rest: ${given.waiting(pages).join()}`)
  }

  calm()
  for (const page of pages) {
    page.allow(pick(random, ['all', 'all', 'no WebSockets', 'whole answers']))
    page.tell('visible')
    page.tell('online')
  }
  await until('the pages', () => areLevel(stage, pages.filter(isFollowing)))
  // Where one page has the session for itself, each gets it in its turn; another's wish may still be on its way, and take it once more.
  for (const page of pages.filter((one) => !isFollowing(one)))
    await until('a page that took it back', () => {
      takeBack(stage, page)
      return areLevel(stage, [page])
    })
  // What was saved must be as good as what was seen.
  for (const page of [...pages]) await reload(stage, page)
  await until('the next pages', async () => (await areLevel(stage, pages)) && (await nothingIsKept(stage)))
  return restless
}

function isFollowing({ session }: Page): boolean {
  return session.state.failure?.code !== 'superseded'
}

async function waitFor(stage: Stage, isDone: () => Promise<boolean>): Promise<boolean> {
  const { pages, clock } = stage
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await isDone()) return true
    for (const { lines } of pages) for (const line of Array.from(lines.all())) line.release()
    const present = pages.find(isFollowing)
    if (present) answer(stage, present)
    await clock.advance(ROUND_MS)
  }
  return isDone()
}

async function areLevel({ given, snapshot }: Stage, pages: readonly Page[]): Promise<boolean> {
  if (pages.length === 0 || given.waiting(pages).length > 0) return false
  const transcript = (await snapshot())?.transcript
  if (!transcript || transcript.queue.length > 0) return false
  return pages.every(({ client, session }) => client.state.status === 'live' && isDeepStrictEqual(seen(session.state), seen(transcript)))
}

async function nothingIsKept({ browsers }: Stage): Promise<boolean> {
  const kept = await Promise.all(browsers.map(({ keptCommands }) => keptCommands()))
  return kept.flat().length === 0
}
