import type { SessionEntry } from '@throughline/sdk/protocol'
import { button } from '../dom/button.ts'
import { element } from '../dom/element.ts'
import { popover } from '../dom/popover.ts'
import { UNTITLED } from '../session/session-header.ts'
import { statusWords } from '../session/status-words.ts'

/** The menu of sessions that are not in the layout: closing one loses nothing. */
export interface SessionMenuOptions {
  readonly others: () => readonly SessionEntry[]
  readonly reopen: (id: string) => void
  /** Present where there is a token to forget. */
  readonly signOut?: () => void
}

/** Makes the button and the sheet under it. */
export function sessionMenu({ others, reopen, signOut }: SessionMenuOptions): readonly HTMLElement[] {
  const opener = button({ label: 'Sessions', icon: 'list', testid: 'session-menu', title: 'Closed sessions', onPress: () => undefined })
  const sheet = popover(opener, 'Closed sessions', (close) => {
    const entries = others()
    const items = entries.map((entry) =>
      closedSession(entry, () => {
        close()
        reopen(entry.id)
      }),
    )
    return [
      element('h2', { class: 'popover-title' }, 'Closed sessions'),
      ...(items.length > 0 ? items : [element('p', { class: 'hint' }, 'None. What you close is kept here.')]),
      signOut && button({ label: 'Sign out', class: 'menu-item', testid: 'sign-out', onPress: signOut }),
    ]
  })
  return [opener, sheet]
}

function closedSession(entry: SessionEntry, open: () => void): HTMLElement {
  const words = statusWords(entry.status, entry.last?.outcome, entry.last?.code)
  const item = element(
    'button',
    { type: 'button', class: 'menu-item closed-session', 'data-testid': 'closed-session', 'data-tone': words.tone },
    element('span', { class: 'lamp', 'aria-hidden': true }),
    element('span', { class: 'tab-title' }, entry.title || UNTITLED),
    element(
      'time',
      { datetime: new Date(entry.updatedAt).toISOString() },
      new Date(entry.updatedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }),
    ),
  )
  item.addEventListener('click', open)
  return item
}
