const FIRST_MS = 500
const LONGEST_MS = 20_000
// A try that fails at once, time after time, must not keep the event loop to itself.
const LEAST_MS = 1

/** How long to wait after `failures` in a row: full jitter, so that clients which lost one server do not come back as one. */
export function backOffMs(failures: number, random: () => number): number {
  return Math.max(LEAST_MS, random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures))
}
