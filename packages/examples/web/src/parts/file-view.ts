import type { FilePart } from '@throughline/sdk/protocol'
import { element } from '../dom/element.ts'
import { icon } from '../dom/icon.ts'
import type { View } from '../dom/view.ts'

/** A file of a message: an image is shown, anything else is named and, where it has an address, linked. */
export function fileView(): View<FilePart> {
  const root = element('div', { class: 'file', 'data-testid': 'file' })
  return {
    element: root,
    update(part) {
      root.replaceChildren(shownAs(part))
    },
  }
}

function shownAs(part: FilePart): HTMLElement {
  const address = addressOf(part.source)
  if (part.media === 'image' && address !== undefined) {
    return element('img', { src: address, alt: nameOf(part), loading: 'lazy', referrerpolicy: 'no-referrer' })
  }
  const chip = [icon('file'), element('span', {}, nameOf(part))]
  if (address === undefined) return element('span', { class: 'file-chip' }, ...chip)
  return element('a', { class: 'file-chip', href: address, target: '_blank', rel: 'noopener noreferrer', download: nameOf(part) }, ...chip)
}

function addressOf(source: FilePart['source']): string | undefined {
  switch (source.type) {
    case 'url':
      return /^https?:\/\//i.test(source.value) ? source.value : undefined
    case 'data':
      // Only pictures: a data address of another kind could run as a page.
      return source.mimeType.startsWith('image/') && source.mimeType !== 'image/svg+xml'
        ? `data:${source.mimeType};base64,${source.value}`
        : undefined
    default:
      return undefined
  }
}

function nameOf({ metadata, media }: FilePart): string {
  const named = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : undefined
  return typeof named === 'string' ? named : { image: 'Image', audio: 'Sound', video: 'Film', document: 'Document' }[media]
}
