/** Whether JSON is nested more than so many objects and arrays deep. Goes by levels, since JSON may be nested deeper than calls may. */
export function isNestedDeeper(value: unknown, most: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === most) return true
    level = level.flatMap((container) => Object.values(container)).filter(isContainer)
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
