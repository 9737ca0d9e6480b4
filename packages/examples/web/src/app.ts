import type { Client } from '@throughline/sdk'
import { connectionBadge } from './connection/connection-badge.ts'
import { announcer } from './dom/announcer.ts'
import { button } from './dom/button.ts'
import { element } from './dom/element.ts'
import { toasts } from './dom/toast.ts'
import { inspector } from './inspector/inspector.ts'
import { listenForKeys } from './keyboard.ts'
import { layout } from './layout/layout.ts'
import { sessionMenu } from './layout/session-menu.ts'
import type { LineSwitches } from './line-switches.ts'
import { themeSwitch } from './theme-switch.ts'
import { wordmark } from './wordmark.ts'
import { errorWords } from './error-words.ts'

/** What the page is made for. */
export interface AppOptions {
  readonly client: Client
  readonly switches: LineSwitches
  /** Present where there is a token to forget. */
  readonly signOut?: () => void
}

/** The whole page for one client. */
export interface App {
  readonly element: HTMLElement
  readonly dispose: () => void
}

/** Puts the page together: the bar on top, the sessions, the inspector. */
export function app({ client, switches, signOut }: AppOptions): App {
  const corner = toasts()
  const voice = announcer()
  const report = (error: unknown): void => corner.show(errorWords(error))

  const root = element('div', { class: 'app' })
  const badge = connectionBadge(client, { say: voice.say, away: (isAway) => root.classList.toggle('is-away', isAway) })
  const sessions = layout({ client, say: voice.say, report })
  const inspect = button({
    label: 'Inspector',
    icon: 'pulse',
    testid: 'inspector-toggle',
    title: 'Inspector (i)',
    onPress: () => panel.toggle(),
  })
  const panel = inspector({
    client,
    switches,
    titleOf: sessions.titleOf,
    toggled: (open) => inspect.setAttribute('aria-pressed', String(open)),
  })
  const menu = sessionMenu({ others: sessions.others, reopen: sessions.reopen, ...(signOut && { signOut }) })

  const bar = element(
    'header',
    { class: 'bar' },
    wordmark(),
    badge.element,
    element('span', { class: 'spring' }),
    button({
      label: 'New session',
      icon: 'plus',
      show: true,
      class: 'new',
      testid: 'new-session',
      title: 'New session (n)',
      onPress: sessions.create,
    }),
    ...menu,
    inspect,
    themeSwitch(() => panel.recolour()),
  )
  const stops = [
    client.on('error', report),
    listenForKeys({
      i: panel.toggle,
      n: sessions.create,
      '/': sessions.focusComposer,
      '[': () => sessions.step(-1),
      ']': () => sessions.step(1),
    }),
  ]
  root.append(bar, sessions.element, panel.element, corner.element, voice.element)
  return {
    element: root,
    dispose() {
      for (const stop of stops) stop()
      badge.dispose()
      panel.dispose()
      sessions.dispose()
    },
  }
}
