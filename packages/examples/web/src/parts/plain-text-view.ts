import type { TextPart } from '@throughline/sdk/protocol'
import { element } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { breakable } from '../markdown/breakable.ts'
import type { Markup } from '../markdown/markup-element.ts'
import { patchMarkup } from '../markdown/patch-markup.ts'

/** Text of a person, as they wrote it. */
export function plainTextView(): View<TextPart> {
  const root = element('p', { class: 'plain' })
  let shown: readonly Markup[] = []
  return {
    element: root,
    update({ text }) {
      const next = breakable(text)
      patchMarkup(root, shown, next)
      shown = next
    },
  }
}
