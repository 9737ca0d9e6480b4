import { button } from './button.ts'
import { element } from './element.ts'

/** Where the page says what went wrong outside any session. */
export interface Toasts {
  readonly element: HTMLElement
  readonly show: (text: string) => void
}

const SHOWN_MS = 8_000

/** Makes the corner where short notices appear and go by themselves. */
export function toasts(): Toasts {
  const corner = element('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' })
  return {
    element: corner,
    show(text) {
      const toast = element('div', { class: 'toast', 'data-testid': 'toast' }, element('p', {}, text))
      toast.append(button({ label: 'Dismiss', icon: 'close', onPress: () => toast.remove() }))
      corner.append(toast)
      setTimeout(() => toast.remove(), SHOWN_MS)
    },
  }
}
