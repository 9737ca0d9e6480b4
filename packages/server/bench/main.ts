import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeTables } from './document.ts'
import { labelOf, openLab, type Contender, type Lab } from './lab.ts'
import { lookAtMachine, versionOf, type Machine } from './machine.ts'
import { PEERS } from './peers/all.ts'
import type { Profiling } from './profile.ts'
import { startRedis } from './redis.ts'
import { judgeGoals, keepResult, spreadsOf, tableOf, type Result } from './results.ts'
import type { Figures, Work } from './work.ts'
import { WORKS } from './works/all.ts'

const USAGE = `pnpm bench --table: only writes the kept results into docs/performance.md
pnpm bench [--only PEER,…] [--profile|--heap DIRECTORY] [--scale N] [WORK…]
  WORK       ${WORKS.map(({ name }) => name).join(' ')}; all unless named
  --only     contenders whose names contain one of these; the result is not kept
  --profile  where the servers leave CPU profiles; the result is not kept
  --heap     where they leave profiles of what makes long-lived objects; the result is not kept
  --scale    so many times the work; the result is not kept
RUNS=n      how many runs, 5 unless set`

if (process.argv.includes('--table')) {
  writeTables()
  process.exit(0)
}
const { only, profile, scale, works } = readArguments(process.argv.slice(2))
const wantedRuns = Number(process.env['RUNS'] ?? 5)
const machine = lookAtMachine()
const redis = await startRedis()
if (profile !== undefined) mkdirSync(profile.directory, { recursive: true })
const lab = openLab({ environment: redis === undefined ? {} : { REDIS_URL: redis.url }, profile })
print(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Linux ${machine.kernel}, Node ${machine.node}, ${wantedRuns} runs`)
try {
  for (const work of works) {
    const result = await measure(work, lab, machine)
    print(`\n## ${work.name}: ${work.title}\n\n${tableOf(work, result)}`)
    if (only === undefined && profile === undefined && scale === 1) keepResult(result)
  }
  writeTables()
} finally {
  await redis?.stop()
}
process.exit(0)

/** All runs of a work. The contenders take turns, so that a noisy minute hits all of them. */
async function measure(work: Work, in_: Lab, on: Machine): Promise<Result> {
  const runs = Math.min(wantedRuns, work.mostRuns ?? Infinity)
  const contenders = work.contenders.filter((contender) => only?.some((name) => labelOf(contender).includes(name)) ?? true)
  const figures = new Map<Contender, Figures[] | string>(contenders.map((contender) => [contender, []]))
  for (let run = 1; run <= runs; run += 1) {
    for (const [contender, before] of figures) {
      if (typeof before === 'string') continue
      try {
        if (contender.peer === 'resumableStream' && redis === undefined) throw new Error('there is no redis-server on this machine')
        const measured = await work.measure(in_, contender, scale)
        before.push(measured)
        print(`${work.name} ${run}/${runs} ${labelOf(contender)}: ${JSON.stringify(measured, rounded)}`)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        print(`${work.name} ${run}/${runs} ${labelOf(contender)} could not be measured: ${why}`)
        figures.set(contender, `could not be had: ${why.split('\n')[0] ?? ''}`)
      }
    }
  }
  const spreads = Object.fromEntries(
    [...figures].map(([contender, measured]) => [labelOf(contender), typeof measured === 'string' ? measured : spreadsOf(measured)]),
  )
  const packages = [...new Set(contenders.flatMap(({ peer }) => PEERS[peer].packages))]
  return {
    work: work.name,
    at: new Date().toISOString(),
    runs,
    machine: on,
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    figures: spreads,
    goals: judgeGoals(work, spreads),
  }
}

function readArguments(args: readonly string[]) {
  const names: string[] = []
  let filter: readonly string[] | undefined
  let profiling: Profiling | undefined
  let scaled = 1
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? ''
    if (argument === '--only') filter = (args[(at += 1)] ?? '').split(',')
    else if (argument === '--profile' || argument === '--heap')
      profiling = { kind: argument === '--heap' ? 'heap' : 'cpu', directory: resolve(args[(at += 1)] ?? '') }
    else if (argument === '--scale') scaled = Number(args[(at += 1)])
    else if (argument !== '--') names.push(argument)
  }
  const unknown = names.find((name) => !WORKS.some((work) => work.name === name))
  if (unknown !== undefined) {
    print(`there is no work ${unknown}\n\n${USAGE}`)
    process.exit(2)
  }
  return { only: filter, profile: profiling, scale: scaled, works: WORKS.filter(({ name }) => names.length === 0 || names.includes(name)) }
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
