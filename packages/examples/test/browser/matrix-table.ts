/** How long it took to catch up after each fault, in milliseconds: as often as it befell. */
export type CatchUps = ReadonlyMap<string, readonly number[]>

/** Draws them: fault, number, median, and 99th percentile, which of fewer than a hundred is the worst. */
export function matrixTable(catchUps: CatchUps): string {
  const rows = [...catchUps]
    .filter(([, ms]) => ms.length > 0)
    .map(([name, ms]) => [name, String(ms.length), quantile(ms, 0.5), quantile(ms, 0.99)])
  const table = [['fault', 'n', 'p50', 'p99'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | '))
    .join('\n')
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((one, other) => one - other)
  return String(Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN))
}
