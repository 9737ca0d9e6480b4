import type { Part } from '@throughline/sdk/protocol'
import { button } from '../dom/button.ts'
import { copyButton } from '../dom/copy-button.ts'
import { element, setAttribute, setText } from '../dom/element.ts'
import { keyedList } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import { partKey, partView } from '../parts/part-view.ts'
import { editBox } from './edit-box.ts'
import type { Row } from './rows.ts'
import { textOf } from './text-of.ts'
import type { TimelineActs } from './timeline-acts.ts'

type MessageRow = Extract<Row, { kind: 'message' }>

/** One message: a person's in a bubble that can be edited, an agent's as the parts that it did. */
export function messageView({ message: { role } }: MessageRow, acts: TimelineActs): View<MessageRow> {
  const parts = element('div', { class: 'parts' })
  const note = element('p', { class: 'message-note' })
  const sending = element(
    'p',
    { class: 'message-note', hidden: true },
    element('span', { class: 'while-here' }, 'Sending…'),
    element('span', { class: 'while-away' }, 'Kept here. It is sent as soon as there is a connection.'),
  )
  const root = element(
    'article',
    { class: 'message', 'aria-label': role === 'user' ? 'You' : 'Agent', 'data-role': role, 'data-testid': 'message' },
    parts,
    note,
    sending,
  )
  const list = partList(parts, role === 'user')
  let row: MessageRow | undefined

  const edit = button({ label: 'Edit and ask again', icon: 'edit', testid: 'edit', onPress: startEdit })
  // What an agent said can be copied where its run ended.
  if (role === 'user')
    root.append(
      element(
        'div',
        { class: 'message-tools' },
        edit,
        copyButton(() => plainText(row)),
      ),
    )

  function startEdit(): void {
    if (row === undefined) return
    const { id } = row.message
    const box = editBox(plainText(row), { save: (text) => acts.edit(id, text), done: () => endEdit(box.element) })
    root.classList.add('is-editing')
    root.append(box.element)
    box.focus()
  }

  function endEdit(box: HTMLElement): void {
    box.remove()
    root.classList.remove('is-editing')
    edit.focus()
  }

  return {
    element: root,
    update(next) {
      row = next
      const { message, editable } = next
      setAttribute(root, 'data-message', message.id)
      setAttribute(root, 'data-pending', message.pending !== undefined)
      list.update(message.parts)
      setText(note, noteOf(next))
      setAttribute(note, 'hidden', note.textContent === '')
      setAttribute(sending, 'hidden', message.pending === undefined)
      setAttribute(edit, 'hidden', !editable)
    },
    dispose: list.dispose,
  }
}

function partList(
  parent: HTMLElement,
  isPersons: boolean,
): { readonly update: (parts: readonly Part[]) => void; readonly dispose: () => void } {
  const list = keyedList<{ readonly key: string; readonly part: Part }>(parent, {
    keyOf: ({ key }) => key,
    same: (before, after) => before.part === after.part,
    create({ part }) {
      const view = partView(part, isPersons)
      return { ...view, update: (item) => view.update(item.part) }
    },
  })
  return {
    update: (parts) => list.update(parts.map((part, index) => ({ key: partKey(part, index), part }))),
    dispose: list.dispose,
  }
}

function noteOf({ message, run }: MessageRow): string {
  if (message.cut) return 'The beginning of this long message is not shown.'
  return message.role === 'assistant' && run?.resumes !== undefined ? 'Takes up the run that was interrupted.' : ''
}

function plainText(row: MessageRow | undefined): string {
  return row === undefined ? '' : textOf([row.message])
}
