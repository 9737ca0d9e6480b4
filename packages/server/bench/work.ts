import type { Contender, Lab } from './lab.ts'

/** What one run of a contender gave: numbers by the names that the work's columns have. */
export type Figures = Readonly<Record<string, number>>

/** A figure as tables show it. */
export interface Column {
  readonly figure: string
  readonly title: string
  /** How many digits after the point. @default 0 */
  readonly digits?: number
}

/** What is to be reached, judged by the medians. */
export interface Goal {
  readonly text: string
  /** The number that the goal is about; `of` gives the median of a figure. */
  readonly value: (of: (label: string, figure: string) => number) => number
  readonly atLeast?: number
  readonly atMost?: number
}

/** One work of the benchmark, done by each contender in turn, each time on a fresh server. */
export interface Work {
  readonly name: string
  readonly title: string
  /** What is done and what the columns mean, in a sentence or three. */
  readonly text: string
  readonly contenders: readonly Contender[]
  readonly columns: readonly Column[]
  readonly goals: readonly Goal[]
  /** How often at most: for works that take long and come out the same. @default as often as all others */
  readonly mostRuns?: number
  /** `scale`: how large the work is, where 1 is what the title says. */
  measure(lab: Lab, contender: Contender, scale: number): Promise<Figures>
}
