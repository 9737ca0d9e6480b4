import { element, type Child } from './element.ts'

/** A small sheet that opens under a button, closes on Escape or a press elsewhere, and is filled anew each time. */
export function popover(opener: HTMLButtonElement, label: string, fill: (close: () => void) => readonly Child[]): HTMLElement {
  const sheet = element('div', { class: 'popover', popover: 'auto', role: 'group', 'aria-label': label })
  const close = (): void => sheet.hidePopover()

  opener.popoverTargetElement = sheet
  opener.setAttribute('aria-haspopup', 'true')
  opener.setAttribute('aria-expanded', 'false')
  sheet.addEventListener('beforetoggle', (event) => {
    if (event.newState === 'open') sheet.replaceChildren(...fill(close).filter((child) => child !== undefined))
  })
  sheet.addEventListener('toggle', (event) => {
    opener.setAttribute('aria-expanded', String(event.newState === 'open'))
    if (event.newState === 'open') placeUnder(sheet, opener)
  })
  return sheet
}

const EDGE = 8

function placeUnder(sheet: HTMLElement, opener: HTMLElement): void {
  const { bottom, right } = opener.getBoundingClientRect()
  const left = Math.min(Math.max(EDGE, right - sheet.offsetWidth), innerWidth - sheet.offsetWidth - EDGE)
  sheet.style.left = `${left}px`
  sheet.style.top = `${Math.min(bottom + 6, innerHeight - sheet.offsetHeight - EDGE)}px`
  sheet.querySelector<HTMLElement>('button, input')?.focus()
}
