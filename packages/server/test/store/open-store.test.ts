import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openStore, parseStoreUrl } from '../../src/store/open-store.ts'
import { scratchFile } from './scratch.ts'

describe('a store URL', () => {
  test.each([
    ['memory:', { kind: 'memory' }],
    ['sqlite:dev.db', { kind: 'sqlite', file: 'dev.db', synchronous: 'normal' }],
    ['sqlite:.throughline/dev.db', { kind: 'sqlite', file: '.throughline/dev.db', synchronous: 'normal' }],
    ['sqlite:/var/lib/a b%20.db', { kind: 'sqlite', file: '/var/lib/a b%20.db', synchronous: 'normal' }],
    ['sqlite:C:\\data\\dev.db', { kind: 'sqlite', file: 'C:\\data\\dev.db', synchronous: 'normal' }],
    ['sqlite:dev.db?synchronous=full', { kind: 'sqlite', file: 'dev.db', synchronous: 'full' }],
    ['sqlite:dev.db?synchronous=normal', { kind: 'sqlite', file: 'dev.db', synchronous: 'normal' }],
    ['sqlite:dev.db?', { kind: 'sqlite', file: 'dev.db', synchronous: 'normal' }],
  ])('%s is understood', (url, address) => expect(parseStoreUrl(url)).toEqual(address))

  test.each([
    ['', 'a store is sqlite:FILE'],
    ['memory', 'a store is sqlite:FILE'],
    ['dev.db', 'a store is sqlite:FILE'],
    ['postgres://localhost/x', 'a store is sqlite:FILE'],
    ['memory:x', 'takes no path'],
    ['memory:?synchronous=full', 'no option synchronous'],
    ['sqlite:', 'needs a file'],
    ['sqlite:?synchronous=full', 'needs a file'],
    ['sqlite::memory:', 'needs a file'],
    ['sqlite:dev.db?sync=full', 'no option sync, only synchronous'],
    ['sqlite:dev.db?synchronous=off', 'normal or full, not off'],
  ])('"%s" is refused with what is wrong', (url, why) => {
    expect(() => parseStoreUrl(url)).toThrow(
      expect.objectContaining({ name: 'StoreError', code: 'failed', message: expect.stringContaining(why) }),
    )
  })
})

describe('opening a store by its URL', () => {
  test('memory: keeps nothing', async () => {
    const store = await openStore('memory:')
    expect(store.durability).toBe('memory')
    await store.close()
  })

  test('sqlite: makes the file and its directory', async () => {
    const file = await scratchFile('deeper/still/dev.db')
    const store = await openStore(`sqlite:${file}`)
    expect(store.durability).toBe('disk')
    expect(existsSync(file)).toBe(true)
    await store.close()
  })

  test('what names no store rejects', async () => {
    await expect(openStore('redis:')).rejects.toMatchObject({ name: 'StoreError', code: 'failed' })
  })
})
