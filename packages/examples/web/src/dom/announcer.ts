import { element } from './element.ts'

/**
 * Tells screen readers what changed, in whole sentences. The timeline itself is no live region: one that reads every token aloud
 * is worse than silence.
 */
export interface Announcer {
  readonly element: HTMLElement
  readonly say: (sentence: string) => void
}

/** Makes the page's one live region. */
export function announcer(): Announcer {
  const region = element('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' })
  return {
    element: region,
    say(sentence) {
      // The same sentence twice is announced once unless the region was empty in between.
      region.textContent = ''
      requestAnimationFrame(() => (region.textContent = sentence))
    },
  }
}
