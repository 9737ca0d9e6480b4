import type { Page } from 'playwright-core'

/** What a page noted of itself since it was loaded. Times are milliseconds since the epoch, on the clock of this machine. */
export interface PageRecord {
  /** When the page began to load. */
  readonly startedAt: number
  /** What the browser told the page that might be a reason to check the link. */
  readonly signals: readonly { readonly name: string; readonly at: number }[]
  /** How long the newest answer was, and what stood beside the title, after each change. */
  readonly shown: readonly { readonly at: number; readonly length: number; readonly status: string }[]
  /** Every alarm that was shown: a badge that asks for attention, a toast, a session's failure. */
  readonly alarms: readonly string[]
}

/** To be run before the page's own scripts: they note what a person would have seen. */
export const RECORDER = `{
  const record = (globalThis.pageRecord = { startedAt: performance.timeOrigin, signals: [], shown: [], alarms: [] })
  const note = (name) => record.signals.push({ name, at: Date.now() })
  document.addEventListener('visibilitychange', () => note(document.visibilityState), true)
  document.addEventListener('resume', () => note('resume'), true)
  for (const name of ['focus', 'online', 'offline']) addEventListener(name, ({ target }) => target === globalThis && note(name), true)
  addEventListener('pageshow', ({ persisted }) => note(persisted ? 'bfcache' : 'pageshow'), true)

  const look = () => {
    const answer = [...document.querySelectorAll('[data-testid=message][data-role=assistant]')].at(-1)
    const length = answer ? [...answer.querySelectorAll('.plain, .parts > .prose')].map((part) => part.textContent).join('').trim().length : 0
    const status = document.querySelector('[data-testid=status]')?.textContent ?? ''
    const last = record.shown.at(-1)
    if (last?.length !== length || last?.status !== status) record.shown.push({ at: Date.now(), length, status })
    const badge = document.querySelector('[data-testid=connection]')
    if (['attention', 'ended'].includes(badge?.dataset.tone)) record.alarms.push(badge.textContent)
    for (const alarm of document.querySelectorAll('[data-testid=toast], [data-testid=failure]:not([hidden])')) record.alarms.push(alarm.textContent)
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
}`

/** Reads what a page that was opened with the recorder has noted. */
export function pageRecord(page: Page): Promise<PageRecord> {
  return page.evaluate<PageRecord>('globalThis.pageRecord')
}
