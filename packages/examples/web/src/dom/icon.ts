const SVG = 'http://www.w3.org/2000/svg'

/** The paths of each icon, drawn on 16 × 16 with a line of 1.5. */
const PATHS = {
  plus: 'M8 3.25v9.5M3.25 8h9.5',
  close: 'm4.25 4.25 7.5 7.5m0-7.5-7.5 7.5',
  send: 'M8 13V3.25M3.75 7.25 8 3l4.25 4.25',
  stop: 'M4.5 4.5h7v7h-7z',
  sun: 'M8 5.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5M8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9',
  moon: 'M13.25 9.4A5.6 5.6 0 0 1 6.6 2.75a5.6 5.6 0 1 0 6.65 6.65',
  auto: 'M8 2.25a5.75 5.75 0 1 1 0 11.5 5.75 5.75 0 0 1 0-11.5M8 2.25v11.5M10.5 4v8m-1.25-9v10',
  pulse: 'M1.75 8.5h2.5l2-5.25 3 9.5 2-4.25h3',
  edit: 'm10.4 3.35 2.25 2.25L6 12.25l-2.9.65.65-2.9zM9 4.75 11.25 7',
  again: 'M12.75 8a4.75 4.75 0 1 1-1.4-3.35L12.75 6m0-3.25V6H9.5',
  copy: 'M6 5.75h6.75V13H6zM10 5.75V3H3.25v7.25H6',
  tool: 'M9.6 6.4a2.75 2.75 0 0 1 3.6-3.5l-1.7 1.75.15 1.25 1.25.15 1.7-1.7M9.75 6.25l-6 6',
  spark: 'M8 2.25 9.4 6.6 13.75 8 9.4 9.4 8 13.75 6.6 9.4 2.25 8 6.6 6.6z',
  question: 'M5.75 6.1a2.25 2.25 0 1 1 3.1 2.1c-.6.25-.85.65-.85 1.3M8 12.1v.15',
  file: 'M4 2.25h5L12 5.25v8.5H4zM8.75 2.5v3h3',
  list: 'M3 4.5h.1M3 8h.1M3 11.5h.1M6 4.5h7M6 8h7M6 11.5h7',
  more: 'M3.4 8a.35.35 0 1 0 .7 0 .35.35 0 1 0-.7 0m4.25 0a.35.35 0 1 0 .7 0 .35.35 0 1 0-.7 0m4.25 0a.35.35 0 1 0 .7 0 .35.35 0 1 0-.7 0',
  down: 'M8 3v10M3.75 8.75 8 13l4.25-4.25',
  chevron: 'm6 3.75 4.25 4.25L6 12.25',
  cut: 'M2 8h3m6 0h3M6.25 11.5l3.5-7',
  hole: 'M8 3.25a4.75 4.75 0 1 1 0 9.5 4.75 4.75 0 0 1 0-9.5M8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4',
  refuse: 'M8 2.75a5.25 5.25 0 1 1 0 10.5 5.25 5.25 0 0 1 0-10.5M4.35 11.65l7.3-7.3',
  pause: 'M5.75 3.75v8.5m4.5-8.5v8.5',
} as const

/** The name of an icon. */
export type IconName = keyof typeof PATHS

/** Draws an icon in the colour of the text around it. It says nothing to screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
