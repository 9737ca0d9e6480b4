import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const TESTING = join(import.meta.dirname, '../../src/testing')

/** Everything that a module imports, and what that imports. */
function importedBy(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)) {
    const imported = path.startsWith('.') ? join(dirname(file), path) : path
    if (seen.has(imported)) continue
    seen.add(imported)
    if (path.startsWith('.')) importedBy(imported, seen)
  }
  return seen
}

test('the sockets in memory and the clock need nothing of Node; the fault proxy does', () => {
  const ofNode = (module: string) => [...importedBy(join(TESTING, module))].filter((path) => path.startsWith('node:'))
  expect(ofNode('index.ts')).toEqual([])
  expect(ofNode('fault-proxy.ts')).toContain('node:net')
})
