import { OURS, ours, WS } from '../contenders.ts'
import type { Contender, Lab, Stage } from '../lab.ts'
import { buildStallingDisk } from '../stalling-disk.ts'
import type { Figures, Work } from '../work.ts'

const ENDLESS_PER_SECOND = 50_000
const STALLED = 100
const SECONDS = 8
const PER_SECOND = 1000
const SLOW_BYTES_PER_SECOND = 64_000
const DISK_STALL_MS = 2000

export const bounded: Work = {
  name: 'bounded',
  title: 'What somebody else’s trouble costs',
  text: `Growth of what the server holds, and the age of the tokens of a healthy viewer of the same session. Endless: an agent says 50,000 tokens/s, in one message, for ${SECONDS} s and nobody watches. Stalled: ${STALLED} viewers read nothing at 1,000 tokens/s. Slow: one reads 64 kB/s. Disk: nothing is written for 2 s, while tokens come at 1,000/s.`,
  contenders: [OURS, WS],
  columns: [
    { figure: 'endlessMb', title: 'endless, MB', digits: 1 },
    { figure: 'stalledMb', title: 'stalled, MB', digits: 1 },
    { figure: 'stalledP99', title: 'stalled, p99 ms', digits: 1 },
    { figure: 'slowMb', title: 'slow, MB', digits: 1 },
    { figure: 'slowP99', title: 'slow, p99 ms', digits: 1 },
    { figure: 'diskMb', title: 'disk, MB', digits: 1 },
    { figure: 'diskP99', title: 'disk, p99 ms' },
    { figure: 'diskOldest', title: 'disk, oldest ms' },
  ],
  goals: [
    { text: 'endless ≤ 16 MB', value: ours('endlessMb'), atMost: 16 },
    { text: `${STALLED} stalled ≤ 300 KiB each`, value: (of) => ours('stalledMb')(of), atMost: STALLED * 0.3 },
  ],
  mostRuns: 1,
  async measure(lab, contender) {
    return {
      ...(await lab.play(contender, endless)),
      ...(await lab.play(contender, (stage) => besideOthers(stage, 'stalled', STALLED, (others) => others.call('throttle', 0)))),
      ...(await lab.play(contender, (stage) => besideOthers(stage, 'slow', 1, (others) => others.call('throttle', SLOW_BYTES_PER_SECOND)))),
      ...(contender.peer === 'throughline' ? await onStallingDisk(lab, contender) : {}),
    }
  },
}

async function endless({ server, createSessions, say, pace }: Stage): Promise<Figures> {
  const sessions = await createSessions(1)
  await say(sessions, 100_000)
  const before = await server.call('usage', true)
  await pace(sessions, ENDLESS_PER_SECOND, SECONDS)
  const after = await server.call('usage', true)
  return { endlessMb: (after.heldBytes - before.heldBytes) / 1e6 }
}

async function besideOthers(
  stage: Stage,
  name: string,
  count: number,
  slowDown: (others: Stage['load']) => Promise<void>,
): Promise<Figures> {
  const { server, load, createSessions, watch, watchElsewhere, pace } = stage
  const sessions = await createSessions(1)
  await watch(sessions, { as: 'light', ages: true })
  const others = await watchElsewhere(sessions, { as: 'light', each: count })
  const warm = load.call('until', PER_SECOND)
  await pace(sessions, PER_SECOND, 1)
  await warm
  await load.call('takeAges')
  await slowDown(others)
  const before = await server.call('usage', true)
  const arrived = load.call('until', PER_SECOND * (SECONDS + 1))
  await pace(sessions, PER_SECOND, SECONDS)
  const after = await server.call('usage')
  await arrived
  const { p99 } = await load.call('takeAges')
  return { [`${name}Mb`]: (after.heldBytes - before.heldBytes) / 1e6, [`${name}P99`]: p99 }
}

async function onStallingDisk(lab: Lab, contender: Contender): Promise<Figures> {
  const disk = buildStallingDisk()
  try {
    return await lab.play(
      contender,
      async ({ server, load, createSessions, watch, pace }) => {
        const sessions = await createSessions(1)
        await watch(sessions, { as: 'light', ages: true })
        const before = await server.call('usage', true)
        const arrived = load.call('until', 5000)
        const said = pace(sessions, 1000, 5)
        await pause(1000)
        await disk.stall(DISK_STALL_MS)
        await said
        await arrived
        const after = await server.call('usage', true)
        const { p99, max } = await load.call('takeAges')
        return { diskMb: (after.heldBytes - before.heldBytes) / 1e6, diskP99: p99, diskOldest: max }
      },
      disk.environment,
    )
  } finally {
    disk.dispose()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
