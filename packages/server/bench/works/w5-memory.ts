import { ALL_OURS, ours, SOCKET_IO, WS } from '../contenders.ts'
import type { Work } from '../work.ts'

const VIEWERS = 2000
const SESSIONS = 2000
const KEPT = 10_000

/** Longer than Throughline keeps a session in memory that nobody needs. */
const REST_MS = 45_000

export const memory: Work = {
  name: 'W5',
  title: 'What the server holds in memory',
  text: 'Growth of the JavaScript heap and of buffers outside of it, after a collection: 2,000 viewers of an idle session; 2,000 sessions that had a run of ten tokens, 45 s later, with nobody watching; one session that 10,000 tokens came to, 20,000/s, still running. Peers keep none of those tokens. The kernel’s part of a socket is not counted.',
  contenders: [...ALL_OURS, WS, SOCKET_IO],
  columns: [
    { figure: 'viewerKib', title: 'an idle viewer, KiB', digits: 1 },
    { figure: 'sessionKib', title: 'an idle session, KiB', digits: 2 },
    { figure: 'keptMb', title: '10,000 kept tokens, MB', digits: 2 },
  ],
  goals: [
    { text: 'a viewer ≤ 12 KiB', value: ours('viewerKib'), atMost: 12 },
    { text: 'a session ≤ 2 KiB', value: ours('sessionKib'), atMost: 2 },
    { text: '10,000 tokens ≤ 1 MB', value: ours('keptMb'), atMost: 1 },
  ],
  mostRuns: 1,
  measure: (lab, contender) =>
    lab.play(contender, async ({ server, load, createSessions, watch, say, pace }) => {
      const held = async () => (await server.call('usage', true)).heldBytes
      // Code and caches are there before anything is weighed.
      const [first = '', ...others] = await createSessions(20)
      await watch([first, ...others], { each: 5, as: 'light' })
      await say([first, ...others], 100)
      await load.call('drop')

      const beforeViewers = await held()
      await watch([first], { each: VIEWERS, as: 'light' })
      const withViewers = await held()
      await load.call('drop')

      const beforeTokens = await held()
      await pace([first], 20_000, KEPT / 20_000)
      const withTokens = await held()

      const sessions = await createSessions(SESSIONS)
      const beforeSessions = withTokens
      await say(sessions, 10)
      await new Promise((resolve) => setTimeout(resolve, REST_MS))
      const withSessions = await held()
      return {
        viewerKib: (withViewers - beforeViewers) / VIEWERS / 1024,
        sessionKib: (withSessions - beforeSessions) / SESSIONS / 1024,
        keptMb: (withTokens - beforeTokens) / 1e6,
      }
    }),
}
