import type { SessionState } from '@throughline/sdk'
import { button } from '../dom/button.ts'
import { element, setAttribute } from '../dom/element.ts'
import { keyedList, sameFields } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import { followEnd } from './follow-end.ts'
import { olderButton } from './older-button.ts'
import { rowView } from './row-view.ts'
import { timelineRows, type Row } from './rows.ts'
import type { TimelineActs } from './timeline-acts.ts'

/** A timeline, which can also be sent to its end. */
export interface Timeline extends View<SessionState> {
  readonly toEnd: () => void
}

/** Shows what happened in a session, in order. Painting costs what changed: untouched messages are not looked into. */
export function timeline(acts: TimelineActs, report: (error: unknown) => void): Timeline {
  const rows = element('div', { class: 'rows' })
  const scroller = element('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': 'Timeline', 'data-testid': 'timeline' })
  const older = olderButton(acts.loadOlder, report)
  scroller.append(older.element, rows)

  const latest = button({ label: 'Latest', icon: 'down', show: true, class: 'to-end', testid: 'to-end', onPress: () => end.toEnd() })
  latest.hidden = true
  const end = followEnd(scroller, (isAway) => setAttribute(latest, 'hidden', !isAway))
  const list = keyedList<Row>(rows, { keyOf: (row) => row.key, create: (row) => rowView(row, acts, report), same: sameFields })

  let firstMessage: string | undefined

  return {
    element: element('div', { class: 'timeline' }, scroller, latest),
    update(state) {
      const [first] = state.messages
      const stay = first?.id === firstMessage ? undefined : stayAt(scroller, rows.firstElementChild)
      firstMessage = first?.id
      list.update(timelineRows(state))
      older.update(state.more)
      stay?.()
      setAttribute(scroller, 'aria-busy', !state.caughtUp ? 'true' : undefined)
      end.contentChanged()
    },
    toEnd: end.toEnd,
    dispose: list.dispose,
  }
}

/** Remembers where an element stands in its scroller; what comes back brings it there again, whatever came before it. */
function stayAt(scroller: HTMLElement, landmark: Element | null): (() => void) | undefined {
  if (landmark === null) return undefined
  const before = landmark.getBoundingClientRect().top
  return () => {
    if (landmark.isConnected) scroller.scrollTop += landmark.getBoundingClientRect().top - before
  }
}
