import type { LastRun, SessionStatus } from '@throughline/sdk/protocol'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import { popover } from '../dom/popover.ts'
import type { View } from '../dom/view.ts'
import { statusWords, type StatusWords } from './status-words.ts'

/** What a session's header shows; flat, so that two of them are compared field by field. */
export interface HeaderValue {
  readonly title: string | undefined
  readonly status: SessionStatus
  /** How the last run ended. */
  readonly outcome: LastRun['outcome'] | undefined
  readonly code: string | undefined
  /** Whether the session could not be loaded, so that nothing is known of it. */
  readonly isUnknown: boolean
  /** Whether another place has the session for itself, so that what is known here may be old. */
  readonly isElsewhere: boolean
}

/** What can be done from a header. */
export interface HeaderActs {
  readonly rename: (title: string) => void
  readonly close: () => void
  readonly move: (by: -1 | 1) => void
  readonly remove: () => void
  /** Makes this tab the only one that has the session. */
  readonly claim: () => void
}

/** What a session without a title is called. */
export const UNTITLED = 'New session'

/** The head of a session: its title, which can be written over, what it does now, and what can be done with it. */
export function sessionHeader(acts: HeaderActs): View<HeaderValue> {
  const title = element('input', {
    class: 'title',
    'aria-label': 'Title',
    placeholder: UNTITLED,
    spellcheck: 'false',
    maxlength: 200,
    'data-testid': 'title',
  })
  const status = element('span', { class: 'status', 'data-testid': 'status' })
  const lamp = element('span', { class: 'lamp', 'aria-hidden': true })
  const more = button({ label: 'More', icon: 'more', testid: 'session-more', onPress: () => undefined })
  const close = button({
    label: 'Close session',
    icon: 'close',
    testid: 'close',
    title: 'Close: what runs is stopped; the session is kept under Sessions',
    onPress: acts.close,
  })
  const root = element(
    'header',
    { class: 'session-header' },
    lamp,
    title,
    status,
    more,
    popover(more, 'More', (hide) => menu(acts, hide)),
    close,
  )
  let stored = ''

  title.addEventListener('change', () => acts.rename(title.value.trim()))
  title.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    if (event.key === 'Escape') title.value = stored
    title.blur()
  })
  return {
    element: root,
    update(value) {
      const words = headerWords(value)
      root.dataset['tone'] = words.tone
      status.dataset['status'] = value.status
      status.dataset['outcome'] = value.outcome ?? ''
      setText(status, words.text)
      stored = value.title ?? ''
      // Nobody's typing is written over by a title that arrives meanwhile.
      if (document.activeElement !== title) title.value = stored
    },
  }
}

function headerWords({ isUnknown, isElsewhere, status, outcome, code }: HeaderValue): StatusWords {
  if (isElsewhere) return { tone: 'rest', text: 'In another place' }
  return isUnknown ? { tone: 'failed', text: 'Not loaded' } : statusWords(status, outcome, code)
}

function menu(acts: HeaderActs, hide: () => void): readonly HTMLElement[] {
  const item = (label: string, act: () => void, testid: string, tone = ''): HTMLElement =>
    button({
      label,
      class: `menu-item ${tone}`.trim(),
      testid,
      onPress() {
        hide()
        act()
      },
    })
  const remove = button({
    label: 'Delete…',
    class: 'menu-item danger',
    testid: 'delete',
    onPress: () => remove.replaceWith(item('Delete for good, with all its messages', acts.remove, 'delete-confirm', 'danger')),
  })
  return [
    item('Move left', () => acts.move(-1), 'move-left'),
    item('Move right', () => acts.move(1), 'move-right'),
    item('Only in this tab', acts.claim, 'claim'),
    remove,
  ]
}
