import { button } from '../dom/button.ts'
import { element, setAttribute } from '../dom/element.ts'

/** The place at the top of a timeline where older messages can be had. */
export interface OlderButton {
  readonly element: HTMLElement
  readonly update: (more: boolean) => void
}

/** Loads a page of older messages. */
export function olderButton(load: () => Promise<unknown>, report: (error: unknown) => void): OlderButton {
  const press = button({ label: 'Load older messages', testid: 'older', onPress: () => void loadPage() })
  const root = element('div', { class: 'older', hidden: true }, press)

  async function loadPage(): Promise<void> {
    press.disabled = true
    try {
      await load()
    } catch (error) {
      report(error)
    } finally {
      press.disabled = false
    }
  }

  return { element: root, update: (more) => setAttribute(root, 'hidden', !more) }
}
