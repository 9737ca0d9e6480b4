import type { SessionEntry } from '@throughline/sdk/protocol'
import { element, setAttribute, setText } from '../dom/element.ts'
import { keyedList, sameFields } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import { UNTITLED } from '../session/session-header.ts'
import { statusWords } from '../session/status-words.ts'

/** The open sessions and the one that is looked at. */
export interface SwitcherValue {
  readonly open: readonly SessionEntry[]
  readonly focused: string | undefined
}

/** Where a narrow page changes from one session to another. */
export function sessionSwitcher(choose: (id: string) => void): View<SwitcherValue> {
  const root = element('nav', { class: 'switcher', 'aria-label': 'Sessions', 'data-testid': 'switcher' })
  const list = keyedList<{ readonly entry: SessionEntry; readonly current: boolean }>(root, {
    keyOf: ({ entry }) => entry.id,
    same: sameFields,
    create: ({ entry: { id } }) => {
      const title = element('span', { class: 'tab-title' })
      const tab = element(
        'button',
        { type: 'button', class: 'tab', 'data-testid': 'tab' },
        element('span', { class: 'lamp', 'aria-hidden': true }),
        title,
      )
      tab.addEventListener('click', () => choose(id))
      return {
        element: tab,
        update({ entry, current }) {
          const words = statusWords(entry.status, entry.last?.outcome, entry.last?.code)
          tab.dataset['tone'] = words.tone
          tab.title = words.text
          setAttribute(tab, 'aria-current', current ? 'true' : undefined)
          setText(title, entry.title || UNTITLED)
          if (current) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        },
      }
    },
  })
  return {
    element: root,
    update({ open, focused }) {
      root.hidden = open.length < 2
      list.update(open.map((entry) => ({ entry, current: entry.id === focused })))
    },
    dispose: list.dispose,
  }
}
