import { element } from './dom/element.ts'

const SVG = 'http://www.w3.org/2000/svg'

/** The name of the product, and its sign: a line that goes on where its page ends. */
export function wordmark(): HTMLElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 28 16')
  svg.setAttribute('aria-hidden', 'true')
  const frame = document.createElementNS(SVG, 'rect')
  for (const [name, value] of Object.entries({ x: 7.75, y: 1.75, width: 12.5, height: 12.5, rx: 3.5 }))
    frame.setAttribute(name, String(value))
  const line = document.createElementNS(SVG, 'path')
  line.setAttribute('d', 'M1 8h26')
  svg.append(frame, line)
  return element('span', { class: 'wordmark' }, svg, element('span', {}, 'Throughline'))
}
