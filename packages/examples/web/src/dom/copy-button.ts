import { button } from './button.ts'

const COPIED_MS = 1_500

/** A button that puts a text where it can be pasted, and says for a moment that it did. Hidden where the browser does not let pages do that. */
export function copyButton(text: () => string): HTMLButtonElement {
  const made = button({ label: 'Copy', icon: 'copy', class: 'copy', testid: 'copy', onPress: () => void copy() })
  made.hidden = !canCopy()

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text())
    made.classList.add('is-done')
    setTimeout(() => made.classList.remove('is-done'), COPIED_MS)
  }

  return made
}

/** Only pages that came over TLS, or from this machine, have a clipboard. */
export function canCopy(): boolean {
  return isSecureContext
}
