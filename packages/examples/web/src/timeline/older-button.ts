import { button } from '../dom/button.ts'
import { element, setAttribute } from '../dom/element.ts'

/** The place at the top of a timeline where older messages can be had. */
export interface OlderButton {
  readonly element: HTMLElement
  readonly update: (more: boolean) => void
}

/** Loads a page of older messages, and keeps what the person looks at where it is. */
export function olderButton(scroller: HTMLElement, load: () => Promise<unknown>, report: (error: unknown) => void): OlderButton {
  const press = button({ label: 'Load older messages', testid: 'older', onPress: () => void loadPage() })
  const root = element('div', { class: 'older', hidden: true }, press)

  async function loadPage(): Promise<void> {
    press.disabled = true
    const { scrollHeight } = scroller
    try {
      await load()
      // The page paints in the next frame; after it the same message stands where it stood.
      requestAnimationFrame(() => (scroller.scrollTop += scroller.scrollHeight - scrollHeight))
    } catch (error) {
      report(error)
    } finally {
      press.disabled = false
    }
  }

  return { element: root, update: (more) => setAttribute(root, 'hidden', !more) }
}
