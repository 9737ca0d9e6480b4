import type { TextPart } from '@throughline/sdk/protocol'
import { setAttribute } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { markdownView } from '../markdown/markdown-view.ts'

/** Text of an agent. */
export function textView(): View<TextPart> {
  const prose = markdownView()
  return {
    element: prose.element,
    update(part) {
      prose.update({ text: part.text, open: part.open === true })
      setAttribute(prose.element, 'data-open', part.open === true)
    },
  }
}
