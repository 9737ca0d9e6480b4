import type { ConnectOptions, KeyValueStorage } from '../src/index.ts'
import { setStage, type StagedLink } from './stage.ts'

/** How long commands are sent. */
export const DAY_MS = 86_400_000

/** A page without a network on this storage, on which somebody says something in `s`, and which then ends without a word. */
export async function typed(storage: KeyValueStorage, ...texts: string[]): Promise<void> {
  const page = setStage({ storage, user: 'ann' })
  page.wake.state.hidden = true
  const session = page.client.session('s')
  for (const text of texts) session.send(text, { id: text.replaceAll(' ', '-') }).catch(() => undefined)
  await page.clock.settle()
}

/** The next page of the same user on this storage. */
export function nextPage(storage: KeyValueStorage, options: ConnectOptions = {}) {
  return setStage({ storage, user: 'ann', ...options })
}

/** The next page more than a day later. */
export function laterPage(storage: KeyValueStorage, options: ConnectOptions = {}) {
  const page = nextPage(storage, options)
  page.clock.set(DAY_MS + 60_000)
  return page
}

/** The ids of the sends that were heard, each as often as it was. */
export function sends({ heard }: StagedLink): string[] {
  return heard.flatMap((frame) => (frame.type === 'send' ? [frame.id] : []))
}

/** The records of commands that still wait. */
export async function waiting(storage: KeyValueStorage): Promise<string[]> {
  const keys = (await storage.keys('')).filter((key) => key.includes('/command/'))
  const records = await Promise.all(keys.map(async (key) => (await storage.get(key)) ?? '{}'))
  return records.flatMap((record) => {
    const { frame, error } = JSON.parse(record) as { readonly frame: { readonly id: string }; readonly error?: unknown }
    return error === undefined ? [frame.id] : []
  })
}
