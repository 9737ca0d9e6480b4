import { element } from '../dom/element.ts'
import { icon, type IconName } from '../dom/icon.ts'
import type { LineSwitch } from '../line-switch.ts'
import type { LineSwitches } from '../line-switches.ts'

const SWITCHES: readonly (readonly [name: LineSwitch, label: string, title: string, drawn: IconName])[] = [
  ['cut', 'Cut the line', 'The link breaks, and no new one comes up until the switch is off', 'cut'],
  ['hole', 'Black hole', 'The link stays up, and nothing passes either way', 'hole'],
  ['stall', 'Stop reading', 'What arrives is held back, and read when the switch is off', 'pause'],
  ['refuse', 'No WebSockets', 'WebSockets break and none can be had, as behind some proxies: the page goes on over streams', 'refuse'],
]

/** The switches that break the line on purpose. `mended` is called when a cut line is whole again, as a browser tells that the network is back. */
export function switchButtons(switches: LineSwitches, mended: () => void): HTMLElement {
  const buttons = SWITCHES.map(([name, label, title, drawn]) => {
    const press = element(
      'button',
      { type: 'button', class: 'button switch', role: 'switch', 'aria-checked': 'false', title, 'data-testid': `switch-${name}` },
      icon(drawn),
      element('span', {}, label),
      element('span', { class: 'switch-track', 'aria-hidden': true }),
    )
    press.addEventListener('click', () => {
      switches.turn(name, !switches.isOn(name))
      press.setAttribute('aria-checked', String(switches.isOn(name)))
      if (name === 'cut' && !switches.isOn(name)) mended()
    })
    return press
  })
  return element('div', { class: 'switches', role: 'group', 'aria-label': 'Break the line on purpose' }, ...buttons)
}
