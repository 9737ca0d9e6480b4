import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/options.ts'

const base = (url: string, prefix?: string) => resolveOptions(url, { prefix }).baseUrl

test('the base is the server’s URL and the prefix, with one slash where there were more', () => {
  expect(base('https://x.test')).toBe('https://x.test/v1')
  expect(base('https://x.test/')).toBe('https://x.test/v1')
  expect(base('https://x.test/agents/', '/v2/')).toBe('https://x.test/agents/v2')
  expect(base('wss://x.test')).toBe('https://x.test/v1')
  expect(base('ws://localhost:8080', '')).toBe('http://localhost:8080')
})

test('a token may be a text, a function, or none', async () => {
  expect(await resolveOptions('http://x', { token: 't' }).token()).toBe('t')
  expect(await resolveOptions('http://x', { token: () => 'f' }).token()).toBe('f')
  expect(await resolveOptions('http://x', { token: async () => 'p' }).token()).toBe('p')
  expect(await resolveOptions('http://x', {}).token()).toBeUndefined()
})

test('a token function that throws gives a promise that rejects', async () => {
  const { token } = resolveOptions('http://x', {
    token: () => {
      throw new Error('no login')
    },
  })
  await expect(token()).rejects.toThrow('no login')
})
