import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { labelOf } from './lab.ts'
import type { Machine } from './machine.ts'
import type { Figures, Work } from './work.ts'

/** A figure over all runs. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** What a work gave: kept as JSON, and read by tables. */
export interface Result {
  readonly work: string
  readonly at: string
  readonly runs: number
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  /** By contender; one that could not be had is a text that says why. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, Spread>> | string>>
  readonly goals: readonly { readonly text: string; readonly value: number; readonly met: boolean }[]
}

const DIRECTORY = fileURLToPath(new URL('../../bench/results/', import.meta.url))

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: sorted[sorted.length >> 1] ?? NaN, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN }
}

/** The spreads of all figures that runs gave. */
export function spreadsOf(runs: readonly Figures[]): Record<string, Spread> {
  const names = Object.keys(runs[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, spreadOf(runs.map((run) => run[name] ?? NaN))]))
}

export function judgeGoals(work: Work, figures: Result['figures']): Result['goals'] {
  const of = (label: string, figure: string) => {
    const spreads = figures[label]
    return typeof spreads === 'object' ? (spreads[figure]?.median ?? NaN) : NaN
  }
  return work.goals.map(({ text, value, atLeast = -Infinity, atMost = Infinity }) => {
    const reached = value(of)
    // Against a peer that reached nothing, nothing is shown either.
    return { text, value: reached, met: Number.isFinite(reached) && reached >= atLeast && reached <= atMost }
  })
}

export function keepResult(result: Result): void {
  mkdirSync(DIRECTORY, { recursive: true })
  writeFileSync(`${DIRECTORY}${result.work}.json`, `${JSON.stringify(result, undefined, 2)}\n`)
}

export function readResult(work: string): Result | undefined {
  try {
    return JSON.parse(readFileSync(`${DIRECTORY}${work}.json`, 'utf8')) as Result
  } catch {
    return undefined
  }
}

/** A result as a Markdown table and its goals. */
export function tableOf(work: Work, { figures, goals }: Result): string {
  const rows = work.contenders.map((contender) => {
    const spreads = figures[labelOf(contender)]
    const cells = work.columns.map(({ figure, digits = 0 }) =>
      typeof spreads === 'object' ? shown(spreads[figure], digits) : figure === work.columns[0]?.figure ? (spreads ?? 'not run') : '',
    )
    return `| ${labelOf(contender)} | ${cells.join(' | ')} |`
  })
  const head = `| | ${work.columns.map(({ title }) => title).join(' | ')} |\n|---${'|--:'.repeat(work.columns.length)}|`
  const judged = goals.map(({ text, value, met }) => `${met ? '✓' : '✗'} ${text}: ${numberOf(value, value < 10 ? 2 : 0)}`)
  return [head, ...rows, ...(judged.length > 0 ? ['', `Goals: ${judged.join(' · ')}`] : [])].join('\n')
}

function shown(spread: Spread | undefined, digits: number): string {
  if (spread === undefined || Number.isNaN(spread.median)) return '–'
  const { median, low, high } = spread
  return low === high ? numberOf(median, digits) : `${numberOf(median, digits)} (${numberOf(low, digits)}–${numberOf(high, digits)})`
}

function numberOf(value: number | null, digits: number): string {
  // What JSON cannot say: nothing to compare with.
  if (value === null || !Number.isFinite(value)) return '–'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
