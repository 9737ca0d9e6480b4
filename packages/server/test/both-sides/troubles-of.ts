import { isDeepStrictEqual } from 'node:util'
import { seen } from './seen.ts'
import type { Stage } from './stage.ts'

/** Looks at what came of a schedule that has come to rest, and says all that is wrong. */
export async function troublesOf({ pages, browsers, given, reading, failures, snapshot }: Stage): Promise<readonly string[]> {
  const transcript = (await snapshot())?.transcript
  if (!transcript) return ['the server does not rest']
  const timeline = transcript.messages.filter(({ role }) => role === 'user').map(({ id }) => id)
  const kept = await Promise.all(browsers.map(({ keptCommands }) => keptCommands()))
  return [
    ...failures.map((error) => `nobody could expect: ${String(error)}`),
    ...reading.faults().map((fault) => `in the journal ${fault}`),
    ...given.wrong(reading).map((command) => `something else was told: ${JSON.stringify(command)}`),
    ...given.overtaking(reading).map((name) => `${name} overtook what was given before it`),
    ...given.waiting(pages).map((name) => `${name} was neither settled nor reported`),
    ...kept.flat().map((name) => `${name} is still kept`),
    ...pages.map(({ client }) => client.state.status).flatMap((status) => (status === 'live' ? [] : [`a connection is ${status}`])),
    ...differences('timeline', timeline, reading.timeline()),
    ...pages.flatMap(({ session }, n) =>
      Object.entries(seen(session.state)).flatMap(([what, has]) => differences(`page ${n}: ${what}`, has, seen(transcript)[what])),
    ),
  ]
}

const SHOWN_CHARS = 2_000

function differences(what: string, has: unknown, should: unknown): readonly string[] {
  if (isDeepStrictEqual(has, should)) return []
  const show = (value: unknown) => JSON.stringify(value).slice(0, SHOWN_CHARS)
  return [`${what} is ${show(has)}, but the server has ${show(should)}`]
}
