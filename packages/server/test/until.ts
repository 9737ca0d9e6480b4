import { vi } from 'vitest'

/** Waits for a condition: calls the check until it no longer throws. Patient, since the machine may be busy with other tests. */
export function until<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { interval: 2, timeout: 20_000 })
}
