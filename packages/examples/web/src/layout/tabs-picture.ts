const SVG = 'http://www.w3.org/2000/svg'

/** Three tabs, one of them gone, and the line that goes through all of them. */
export function tabsPicture(): SVGSVGElement {
  const picture = draw('svg', { viewBox: '0 0 248 56', class: 'tabs-picture', 'aria-hidden': 'true' })
  for (const [index, x] of [20, 102, 184].entries()) {
    picture.append(draw('rect', { x: x - 0.5, y: 6.5, width: 45, height: 43, rx: 10, class: index === 1 ? 'gone' : 'here' }))
  }
  picture.append(draw('path', { d: 'M2 28h244' }))
  return picture
}

function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value))
  return made
}
