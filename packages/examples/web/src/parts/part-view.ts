import type { Part } from '@throughline/sdk/protocol'
import { element } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { activityView } from './activity-view.ts'
import { dataView } from './data-view.ts'
import { fileView } from './file-view.ts'
import { plainTextView } from './plain-text-view.ts'
import { reasoningView } from './reasoning-view.ts'
import { textView } from './text-view.ts'
import { toolView } from './tool-view.ts'

/** Makes the view of a part of this type; a person's text is shown as it is, an agent's as Markdown. */
export function partView(part: Part, isPersons: boolean): View<Part> {
  // Each view is kept under the part's type and id (see `partKey`), so it is never given a part of another type.
  return viewOf(part.type, isPersons) as View<Part>
}

/** What makes a part the same from one update to the next. Parts of a message never change their order. */
export function partKey(part: Part, index: number): string {
  return `${index}:${part.type}:${part.id ?? ''}`
}

function viewOf(kind: Part['type'], isPersons: boolean): View<never> {
  switch (kind) {
    case 'text':
      return isPersons ? plainTextView() : textView()
    case 'reasoning':
      return reasoningView()
    case 'tool':
      return toolView()
    case 'activity':
      return activityView()
    case 'data':
      return dataView()
    case 'file':
      return fileView()
    default:
      kind satisfies never
      // A newer server may know parts that this page does not: they take their place and show nothing.
      return { element: element('div', { hidden: true }), update: () => undefined }
  }
}
