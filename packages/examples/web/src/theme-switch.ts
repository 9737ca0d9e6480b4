import { button } from './dom/button.ts'
import { icon, type IconName } from './dom/icon.ts'

/** How the page is lit: as the system wants it, or as the person does. */
export type Theme = 'auto' | 'light' | 'dark'

const NAME = 'throughline.theme'
const THEMES: readonly Theme[] = ['auto', 'light', 'dark']
const DRAWN: Readonly<Record<Theme, IconName>> = { auto: 'auto', light: 'sun', dark: 'moon' }
const LABELS: Readonly<Record<Theme, string>> = { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }

/** A button that goes from one theme to the next; `changed` is told after each change, also of the system's. */
export function themeSwitch(changed: () => void): HTMLElement {
  const press = button({
    label: LABELS.auto,
    icon: 'auto',
    testid: 'theme',
    onPress: () => wear(THEMES[(THEMES.indexOf(worn()) + 1) % THEMES.length] ?? 'auto'),
  })

  function wear(theme: Theme): void {
    document.documentElement.dataset['theme'] = theme
    localStorage.setItem(NAME, theme)
    press.replaceChildren(icon(DRAWN[theme]))
    press.title = LABELS[theme]
    press.setAttribute('aria-label', LABELS[theme])
    changed()
  }

  wear(worn())
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed)
  return press
}

function worn(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(NAME)) ?? 'auto'
}
