import type { Badge, LayoutSession } from '@throughline/sdk/layout'
import { element, setAttribute, setText } from '../dom/element.ts'
import { keyedList, sameFields } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import { UNTITLED } from '../session/session-header.ts'
import { statusWords, type StatusWords } from '../session/status-words.ts'

/** The open sessions and the one that is looked at. */
export interface SwitcherValue {
  readonly open: readonly LayoutSession[]
  readonly focused: string | undefined
}

/** Where a page that does not show all of them changes from one session to another; each of the others says what it has to say. */
export function sessionSwitcher(choose: (id: string) => void): View<SwitcherValue> {
  const root = element('nav', { class: 'switcher', 'aria-label': 'Sessions', 'data-testid': 'switcher' })
  const list = keyedList<{ readonly row: LayoutSession; readonly current: boolean }>(root, {
    keyOf: ({ row }) => row.id,
    same: sameFields,
    create: ({ row: { id } }) => {
      const title = element('span', { class: 'tab-title' })
      const news = element('span', { class: 'tab-news', 'data-testid': 'tab-news' })
      const tab = element(
        'button',
        { type: 'button', class: 'tab', 'data-testid': 'tab', 'data-of': id },
        element('span', { class: 'lamp', 'aria-hidden': true }),
        title,
        news,
      )
      tab.addEventListener('click', () => choose(id))
      return {
        element: tab,
        update({ row, current }) {
          const words = current ? statusWords(row.status, row.last?.outcome, row.last?.code) : badgeWords(row.badge)
          tab.dataset['tone'] = words.tone
          setAttribute(tab, 'aria-current', current ? 'true' : undefined)
          setText(title, row.title || UNTITLED)
          setText(news, current ? '' : words.text)
          if (current) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        },
      }
    },
  })
  return {
    element: root,
    update({ open, focused }) {
      root.hidden = open.length < 2
      list.update(open.map((row) => ({ row, current: row.id === focused })))
    },
    dispose: list.dispose,
  }
}

type BadgeWords = Omit<StatusWords, 'tone'> & { readonly tone: StatusWords['tone'] | 'finished' }

function badgeWords(badge: Badge | undefined): BadgeWords {
  switch (badge) {
    case undefined:
      return { tone: 'rest', text: '' }
    case 'running':
      return { tone: 'running', text: 'running' }
    case 'needs_you':
      return { tone: 'asking', text: 'needs you' }
    case 'finished':
      return { tone: 'finished', text: 'finished' }
    case 'failed':
      return { tone: 'failed', text: 'failed' }
    default:
      return badge satisfies never
  }
}
