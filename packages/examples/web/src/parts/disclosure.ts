import { element } from '../dom/element.ts'
import { icon } from '../dom/icon.ts'

/** A summary with something behind it that opens and closes. */
export interface Disclosure {
  readonly element: HTMLDetailsElement
  readonly summary: HTMLElement
  readonly body: HTMLElement
  /** Opens or closes it, unless a person has done so: their choice stays. */
  readonly suggest: (open: boolean) => void
}

/** Makes a disclosure, closed. */
export function disclosure(className: string): Disclosure {
  const summary = element('summary', { class: 'summary' })
  const label = element('span', { class: 'summary-label' })
  const turn = icon('chevron')
  turn.classList.add('turn')
  summary.append(label, turn)
  const body = element('div', { class: 'disclosed' })
  const root = element('details', { class: className }, summary, body)
  let chosen = false

  // A click on the summary is a person's; `toggle` would also fire for our own changes.
  summary.addEventListener('click', () => (chosen = true))
  return {
    element: root,
    summary: label,
    body,
    suggest(open) {
      if (!chosen && root.open !== open) root.open = open
    },
  }
}
