import { element } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { growingText } from './growing-text.ts'
import type { Markup } from './markup-element.ts'
import { patchMarkup } from './patch-markup.ts'

/** A Markdown text; `open` while it may still grow. */
export interface MarkdownText {
  readonly text: string
  readonly open: boolean
}

/** Shows a Markdown text as it grows. */
export function markdownView(): View<MarkdownText> {
  const root = element('div', { class: 'prose' })
  const growing = growingText()
  let shown: readonly Markup[] = []
  return {
    element: root,
    update({ text, open }) {
      const next = growing.read(text, open)
      patchMarkup(root, shown, next)
      shown = next
    },
  }
}
