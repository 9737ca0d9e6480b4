import type { ActivityPart } from '@throughline/sdk/protocol'
import { element, setText } from '../dom/element.ts'
import { icon } from '../dom/icon.ts'
import type { View } from '../dom/view.ts'
import { inOneLine } from './json-block.ts'

/** Progress that an agent shows: its title, how much is done where it says so, and whatever else it tells. */
export function activityView(): View<ActivityPart> {
  const title = element('span', { class: 'activity-title' })
  const count = element('span', { class: 'activity-count' })
  const bar = element('progress', { class: 'activity-bar' })
  const fields = element('dl', { class: 'fields' })
  const root = element(
    'div',
    { class: 'activity', 'data-testid': 'activity' },
    element('div', { class: 'activity-head' }, icon('list'), title, count),
    bar,
    fields,
  )
  return {
    element: root,
    update(part) {
      const { title: named, done, of, ...rest } = part.content
      const measured = typeof done === 'number' && typeof of === 'number' && of > 0
      setText(title, typeof named === 'string' ? named : part.activityType)
      setText(count, measured ? `${done} of ${of}` : '')
      bar.hidden = !measured
      if (measured) {
        bar.max = of
        bar.value = done
        bar.setAttribute('aria-label', title.textContent)
      }
      const shown = Object.entries(measured ? rest : { ...rest, ...(done !== undefined && { done }), ...(of !== undefined && { of }) })
      fields.replaceChildren(...shown.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, inOneLine(value, 400))]))
    },
  }
}
