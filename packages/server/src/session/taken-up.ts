import type { Ledger } from './ledger.ts'

/** How often a run that crashes interrupted is taken up in a row: one that brings its server down must not do so for ever. */
const TAKEN_UP_IN_A_ROW = 3

/** Whether the last run, which was interrupted, may be taken up by a new one. */
export function mayBeTakenUp({ control: { runs } }: Ledger): boolean {
  let count = 0
  for (let run = runs.at(-1); run?.resumes !== undefined; count += 1) {
    const before: string = run.resumes
    run = runs.find(({ id }) => id === before)
  }
  return count < TAKEN_UP_IN_A_ROW
}
