import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import { keyedList } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import type { UnsentNote } from './unsent-notes.ts'

/** What can be done with what was not sent. */
export interface UnsentActs {
  readonly sendAgain: (note: UnsentNote) => void
  readonly discard: (note: UnsentNote) => void
}

const TITLES: Readonly<Record<UnsentNote['what'], string>> = {
  message: 'This message was not sent',
  answer: 'This answer was not sent',
  other: 'A click was not sent',
}

/** What was typed and not sent, each with its text, why, and what can be done about it. */
export function unsentCards(acts: UnsentActs): View<readonly UnsentNote[]> {
  const root = element('section', { class: 'unsent', hidden: true, 'aria-label': 'Not sent' })
  const list = keyedList<UnsentNote>(root, { keyOf: ({ id }) => id, create: (note) => unsentCard(note, acts) })
  return {
    element: root,
    update(notes) {
      root.hidden = notes.length === 0
      list.update(notes)
    },
    dispose: list.dispose,
  }
}

function unsentCard(note: UnsentNote, { sendAgain, discard }: UnsentActs): View<UnsentNote> {
  const text = element('p', { class: 'unsent-text', 'data-testid': 'unsent-text' })
  const why = element('p', { class: 'hint' })
  const again =
    note.what === 'message' && note.text !== ''
      ? button({ label: 'Send again', class: 'primary', testid: 'send-again', onPress: () => sendAgain(note) })
      : undefined
  return {
    element: element(
      'article',
      { class: 'unsent-card', 'data-testid': 'unsent' },
      element('h3', {}, TITLES[note.what]),
      text,
      why,
      element('div', { class: 'row' }, again, button({ label: 'Discard', testid: 'discard', onPress: () => discard(note) })),
    ),
    update(next) {
      setText(text, next.text)
      setText(why, next.why)
      text.hidden = next.text === ''
    },
  }
}
