import type { Page } from 'playwright-core'

/** Begins to note every alarm that a page shows: a badge that asks for attention, a toast, a session's failure. What comes back reads them. */
export async function hearAlarms(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const alarms = (globalThis.heardAlarms = [])
    const look = () => {
      const badge = document.querySelector('[data-testid=connection]')
      if (['attention', 'ended'].includes(badge.dataset.tone)) alarms.push(badge.textContent)
      for (const shown of document.querySelectorAll('[data-testid=toast], [data-testid=failure]:not([hidden])')) alarms.push(shown.textContent)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    look()
  }`)
  return () => page.evaluate<readonly string[]>('globalThis.heardAlarms')
}
