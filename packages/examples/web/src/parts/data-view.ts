import type { DataPart } from '@throughline/sdk/protocol'
import { element, setText } from '../dom/element.ts'
import { icon } from '../dom/icon.ts'
import type { View } from '../dom/view.ts'
import { disclosure } from './disclosure.ts'
import { jsonBlock } from './json-block.ts'

/** An app's own event: its text where it has one, and its value behind the summary. */
export function dataView(): View<DataPart> {
  const shell = disclosure('data')
  const name = element('span', { class: 'data-name' })
  const text = element('span', { class: 'data-text' })
  const value = jsonBlock()
  shell.summary.append(icon('spark'), text, name)
  shell.body.append(value.element)
  shell.element.dataset['testid'] = 'data'
  return {
    element: shell.element,
    update(part) {
      setText(name, part.name)
      setText(text, textOf(part.value))
      value.update(part.value)
    },
  }
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' ? value.text : 'Event'
}
