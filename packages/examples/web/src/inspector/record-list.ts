import { element, setText } from '../dom/element.ts'
import { keyedList } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import { addListed, type Listed } from './listed.ts'
import { recordWords } from './record-words.ts'
import type { InspectorRecord } from './record.ts'

/** The last records in words, the newest first. */
export interface RecordList {
  readonly element: HTMLElement
  readonly add: (record: InspectorRecord) => void
  readonly paint: () => void
}

/** Lists records; a row of plain batches of one session is one line. */
export function recordList(titleOf: (session: string) => string): RecordList {
  const root = element('ol', {
    class: 'records',
    'data-testid': 'records',
    'aria-label': 'What happened last, newest first',
    tabindex: '0',
  })
  const list = keyedList<Listed>(root, { keyOf: (listed) => listed.key, create: () => listedView(titleOf) })
  let listed: readonly Listed[] = []
  return {
    element: root,
    add: (record) => (listed = addListed(listed, record)),
    paint: () => list.update(listed),
  }
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 })

function listedView(titleOf: (session: string) => string): View<Listed> {
  const time = element('time')
  const label = element('strong')
  const detail = element('span', { class: 'record-detail' })
  const where = element('span', { class: 'record-where' })
  const root = element('li', { class: 'record' }, time, label, detail, where)
  return {
    element: root,
    update({ record, times }) {
      const words = recordWords(record)
      root.dataset['tone'] = words.tone
      root.dataset['type'] = record.type
      setText(time, CLOCK.format(record.at))
      setText(label, times > 1 ? `${words.label} × ${times}` : words.label)
      setText(detail, words.detail)
      setText(where, 'session' in record ? titleOf(record.session) : '')
    },
  }
}
