import { expect, test, vi } from 'vitest'
import { openLinks } from '../../src/http/open-links.ts'
import { until } from '../until.ts'

test('a principal holds 100 links unless it says otherwise', () => {
  const links = openLinks()
  for (let n = 0; n < 100; n++) expect(links.claim({ id: 'ann' })).toBeDefined()
  expect(links.claim({ id: 'ann' })).toBeUndefined()
  expect(links.claim({ id: 'bob' })).toBeDefined()
  expect(links.claim({ id: 'ann', maxLinks: 101 })).toBeDefined()
})

test('a link that is given back makes room for another', () => {
  const links = openLinks()
  const release = links.claim({ id: 'ann', maxLinks: 1 })
  release?.()
  expect(links.claim({ id: 'ann', maxLinks: 1 })).toBeDefined()
})

test('when the server goes down each link is told once, forgotten ones not', () => {
  const links = openLinks()
  const told = vi.fn()
  const forgotten = vi.fn()
  links.add(told)
  links.add(forgotten)()
  links.endAll()
  links.endAll()
  expect(told).toHaveBeenCalledTimes(1)
  expect(forgotten).not.toHaveBeenCalled()
})

test('a link that opens while the server goes down is told too', async () => {
  const links = openLinks()
  const told = vi.fn()
  links.endAll()
  links.add(told)
  await until(() => expect(told).toHaveBeenCalledTimes(1))
})
