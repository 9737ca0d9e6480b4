import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../..')

/** What each folder may use beside itself: the arrows of ARCHITECTURE.md, types included. Files at the top of `src` may use all. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  'sdk/protocol': [],
  'sdk/transcript': ['sdk/protocol'],
  'sdk/wake': [],
  'sdk/connection': ['sdk/protocol', 'sdk/wake'],
  'sdk/session': ['sdk/protocol', 'sdk/transcript', 'sdk/connection'],
  'sdk/saved': ['sdk/protocol', 'sdk/transcript', 'sdk/session'],
  'sdk/layout': ['sdk/protocol', 'sdk/session'],
  'sdk/testing': ['sdk/connection'],
  'sdk/adapters': ['sdk/saved'],
  'server/store': [],
  'server/journal': ['server/store'],
  'server/agent': [],
  'server/session': ['server/store', 'server/journal', 'server/agent'],
  'server/access': [],
  'server/http': ['server/session', 'server/access', 'server/journal', 'server/store'],
  'server/cli': ['server/http', 'server/session', 'server/access', 'server/agent', 'server/store'],
}

/** The folder of a source file: `package/folder`, or undefined for one at the top of `src`. */
function layerOf(file: string): string | undefined {
  const [name = '', , folder, ...rest] = relative(packages, file).split('/')
  return rest.length === 0 ? undefined : `${name}/${folder}`
}

function importsOf(file: string): readonly string[] {
  const source = readFileSync(file, 'utf8')
  return [...source.matchAll(/(?:from|import) '([^']+)'/g)].flatMap(([, path]) => (path === undefined ? [] : [path]))
}

const files = ['sdk/src', 'server/src'].flatMap((folder) =>
  readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(packages, folder, name)),
)

describe('the layers', () => {
  test('arrows between folders point where ARCHITECTURE.md says', () => {
    const wrong = files.flatMap((file) => {
      const layer = layerOf(file)
      if (layer === undefined) return []
      return importsOf(file)
        .filter((path) => path.startsWith('.'))
        .flatMap((path) => {
          const used = layerOf(join(dirname(file), path))
          return used === undefined || used === layer || MAY_USE[layer]?.includes(used) === true
            ? []
            : [`${relative(packages, file)} → ${used}`]
        })
    })
    expect(wrong).toEqual([])
  })

  test('every folder has its place in the table', () => {
    expect([...new Set(files.flatMap((file) => layerOf(file) ?? []))].toSorted()).toEqual(Object.keys(MAY_USE).toSorted())
  })

  test('the server uses the protocol and the transcript of the SDK, nothing else', () => {
    const used = new Set(
      files
        .filter((file) => file.includes('/server/src/'))
        .flatMap((file) => importsOf(file).filter((path) => path.startsWith('@throughline/sdk'))),
    )
    expect([...used].toSorted()).toEqual(['@throughline/sdk/protocol', '@throughline/sdk/transcript'])
  })
})
