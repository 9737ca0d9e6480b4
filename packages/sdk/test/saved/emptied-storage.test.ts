import { expect, test } from 'vitest'
import type { KeyValueStorage } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { nextPage, sends, typed } from '../earlier-page.ts'
import { snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

/** A page that has read what an earlier one left, and whose storage somebody then empties: the user, or a browser that makes room. */
async function emptied() {
  const storage: KeyValueStorage = memoryStorage()
  await typed(storage, 'my text')
  const page = nextPage(storage)
  const heard: string[] = []
  page.client.session('s').on('unsent', ({ text, error }) => heard.push(`${text}: ${error.code}`))
  await page.clock.settle()
  for (const key of await storage.keys('')) await storage.delete(key)
  const link = await page.welcomed()
  await link.says(snapshot((await link.hears('attach')).id, 's', 0))
  await page.clock.settle()
  return { link, heard, clock: page.clock }
}

test('a command whose record vanished with all else is sent: its id makes that safe', async () => {
  const { link, heard } = await emptied()
  expect(sends(link)).toEqual(['my-text'])
  expect(heard).toEqual([])
})

test('and told where it is refused then', async () => {
  const { link, heard, clock } = await emptied()
  await link.says({ type: 'refused', id: 'my-text', session: 's', code: 'queue_full', message: 'full' })
  await clock.settle()
  expect(heard).toEqual(['my text: queue_full'])
})
