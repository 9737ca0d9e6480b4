import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
const invariants = [...page.matchAll(/^\| (I\d+)\s+\| .*\| `([^`]+)`: (.+?)\s*\|$/gm)].map(([, id = '', file = '', words = '']) => ({
  id,
  file,
  words,
}))

describe('ARCHITECTURE.md', () => {
  test('numbers its invariants from I1 without holes', () => {
    expect(invariants.length).toBeGreaterThan(20)
    expect(invariants.map(({ id }) => id)).toEqual(invariants.map((_, index) => `I${index + 1}`))
  })

  test.each(invariants)('$id names a test that exists', ({ file, words }) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(words)
  })
})
