import type { Client } from '@throughline/sdk'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import { connectionWords, type ConnectionWords } from './connection-words.ts'
import { noticeOffline } from './notice-offline.ts'

/** What a badge calls. */
export interface ConnectionBadgeOptions {
  readonly say: (sentence: string) => void
  /** Told when the page has been without its server long enough that what it shows may be old. */
  readonly away: (isAway: boolean) => void
}

/** The page's word about its connection, and what is told when that changes. */
export interface ConnectionBadge {
  readonly element: HTMLElement
  readonly dispose: () => void
}

const REPAINT_MS = 500

/** Shows where the connection stands; beside it, a way to try at once where waiting is all that happens. */
export function connectionBadge(client: Client, { say, away }: ConnectionBadgeOptions): ConnectionBadge {
  const text = element('span', { class: 'badge-text' })
  const next = element('span', { class: 'badge-next' })
  const retry = button({ label: 'Try now', class: 'quiet', testid: 'retry-connection', onPress: () => client.wake() })
  const root = element(
    'div',
    { class: 'badge', 'data-testid': 'connection' },
    element('span', { class: 'lamp', 'aria-hidden': true }),
    text,
    next,
    retry,
  )
  let awaySince: number | undefined
  let ticking: ReturnType<typeof setInterval> | undefined
  let isAway = false

  function paint(): void {
    const { state } = client
    const now = Date.now()
    // Counted from the first moment away: while it is live nothing is painted, for hours perhaps.
    awaySince = state.status === 'live' || state.status === 'paused' ? undefined : (awaySince ?? now)
    const words = connectionWords({ state, isOffline: offline.isOffline(), awayMs: now - (awaySince ?? now), now })
    root.dataset['status'] = state.status
    root.dataset['tone'] = words.tone
    root.title = words.detail
    setText(text, words.text)
    setText(next, words.next ?? '')
    retry.hidden = !words.retry || words.tone === 'calm'
    announce(words)
    tick(state.status === 'waiting' || state.status === 'connecting')
  }

  function announce(words: ConnectionWords): void {
    if (words.away === isAway) return
    isAway = words.away
    away(words.away)
    if (words.tone === 'good') say('The connection is back.')
    else if (words.away)
      say(`${words.tone === 'calm' ? 'This device is offline.' : 'The connection is lost.'} The agents do not need this page to go on.`)
  }

  function tick(wanted: boolean): void {
    if (wanted === (ticking !== undefined)) return
    clearInterval(ticking)
    ticking = wanted ? setInterval(paint, REPAINT_MS) : undefined
  }

  const offline = noticeOffline(client, () => paint())
  const off = client.on('state', paint)
  paint()
  return {
    element: root,
    dispose() {
      off()
      offline.dispose()
      clearInterval(ticking)
    },
  }
}
