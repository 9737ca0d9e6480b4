import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'

/** So many characters of a value are shown until somebody asks for all of it. */
const SHOWN_CHARACTERS = 4_000

/** Shows a value that is usually JSON: indented where it parses, as it came where not. */
export function jsonBlock(): View<unknown> {
  const code = element('pre', { class: 'json', tabindex: '0' })
  const root = element('div', { class: 'json-block' }, code)
  let whole = ''
  const more = button({ label: 'Show all', class: 'quiet', onPress: () => show(Number.POSITIVE_INFINITY) })

  function show(limit: number): void {
    const fits = whole.length <= limit
    setText(code, fits ? whole : `${whole.slice(0, limit)}…`)
    if (fits) more.remove()
    else root.append(more)
  }

  return {
    element: root,
    update(value) {
      whole = readable(value)
      show(SHOWN_CHARACTERS)
    },
  }
}

/** A value on one line, for a place that has room for no more. */
export function inOneLine(value: unknown, limit = 80): string {
  const line = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/\s+/g, ' ').trim()
  return line.length > limit ? `${line.slice(0, limit)}…` : line
}

function readable(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? String(value)
  const start = value.trimStart()[0]
  if (start !== '{' && start !== '[') return value
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    // Arguments that are still arriving do not parse yet.
    return value
  }
}
