import { element } from './element.ts'
import { icon, type IconName } from './icon.ts'

/** What a button is made of. */
export interface ButtonOptions {
  /** Its name; hidden where there is an icon and `show` does not ask for the words. */
  readonly label: string
  readonly icon?: IconName
  /** Whether the label stands beside the icon. @default only where there is no icon */
  readonly show?: boolean
  /** What else the pointer is told; the label where left out and the label is hidden. */
  readonly title?: string
  readonly class?: string
  readonly testid?: string
  readonly onPress: () => void
}

/** Makes a button that is one to keyboards and screen readers too. */
export function button(options: ButtonOptions): HTMLButtonElement {
  const shown = options.show ?? options.icon === undefined
  const made = element(
    'button',
    {
      type: 'button',
      class: `button ${shown ? '' : 'is-icon'} ${options.class ?? ''}`.trim(),
      'aria-label': shown ? undefined : options.label,
      title: options.title ?? (shown ? undefined : options.label),
      'data-testid': options.testid,
    },
    options.icon && icon(options.icon),
    shown ? element('span', {}, options.label) : undefined,
  )
  made.addEventListener('click', options.onPress)
  return made
}
