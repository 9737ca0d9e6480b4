/** The colours of the chart, as the style sheet has them now. */
export interface Palette {
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly surface: string
  readonly accent: string
  readonly wash: string
  readonly notice: string
  readonly noticeWash: string
  readonly bad: string
  readonly font: string
}

const NAMES = {
  ink: '--ink',
  faint: '--ink-3',
  line: '--line',
  surface: '--surface-2',
  accent: '--accent',
  wash: '--accent-wash',
  notice: '--notice',
  noticeWash: '--notice-wash',
  bad: '--bad',
} as const

/** Reads the palette through an element: a canvas cannot read custom properties, and does not know of light and dark. */
export function readPalette(probe: HTMLElement): Palette {
  const colours = Object.entries(NAMES).map(([name, property]) => {
    probe.style.color = `var(${property})`
    return [name, getComputedStyle(probe).color]
  })
  probe.style.color = ''
  return { ...(Object.fromEntries(colours) as Omit<Palette, 'font'>), font: getComputedStyle(probe).fontFamily }
}
