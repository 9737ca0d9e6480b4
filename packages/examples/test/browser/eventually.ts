import { vi } from 'vitest'

/** Waits for a condition: calls the check until it no longer throws. Patient, since the machine may be busy with other tests. */
export function eventually<Result>(check: () => Result | Promise<Result>, timeoutMs = 20_000): Promise<Result> {
  return vi.waitFor(check, { interval: 25, timeout: timeoutMs })
}
