import type { ConnectionState } from '@throughline/sdk'

/** What the page says about its connection. */
export interface ConnectionWords {
  /** `good`, `calm`: nothing to do about it; `attention`: it takes longer than it should; `ended`: it will not come back by itself. */
  readonly tone: 'good' | 'calm' | 'attention' | 'ended'
  readonly text: string
  /** When it is tried again, where that is known. */
  readonly next?: string
  /** What it means for the person's work. */
  readonly detail: string
  /** Whether trying at once makes sense. */
  readonly retry: boolean
  /** Whether what the page shows may be old by now. */
  readonly away: boolean
}

/** What is known of a connection. */
export interface KnownConnection {
  readonly state: ConnectionState
  /** Whether this device is cut off, whatever the link has noticed. */
  readonly isOffline: boolean
  /** How long the page has not been live. */
  readonly awayMs: number
  readonly now: number
}

/** So long a lost link is no news: most are back before anybody has read a sentence about it. */
export const CALM_MS = 4_000

const KEPT = 'The agents do not need this page to go on. It asks for what it missed as soon as it is back.'
const OFFLINE: ConnectionWords = { tone: 'calm', text: 'Offline', detail: `This device has no network. ${KEPT}`, retry: true, away: true }

/** Says where the connection stands, honestly, and without alarm before there is a reason. */
export function connectionWords({ state, isOffline, awayMs, now }: KnownConnection): ConnectionWords {
  const calm = { tone: 'calm', detail: KEPT, retry: false, away: false } as const
  const alarm = { tone: 'attention', detail: KEPT, away: true } as const
  const isShort = awayMs < CALM_MS
  if (state.status === 'closed') return closedWords(state.reason)
  if (isOffline && state.status !== 'idle') return OFFLINE
  switch (state.status) {
    case 'live':
      return { tone: 'good', text: 'Live', detail: 'Everything that happens is here as it happens.', retry: false, away: false }
    case 'idle':
      return { ...calm, text: 'Not connected', detail: 'Nothing on this page needs a connection now.' }
    case 'connecting':
      if (isShort) return { ...calm, text: state.attempt > 1 ? 'Reconnecting…' : 'Connecting…' }
      return { ...alarm, text: 'Trying to connect…', retry: false }
    case 'waiting':
      if (isShort) return { ...calm, text: 'Reconnecting…', retry: true }
      return { ...alarm, text: 'Connection lost', next: `next try ${inSeconds(state.at - now)}`, retry: true }
    case 'paused':
      return state.reason === 'hidden' ? { ...calm, text: 'Paused while hidden' } : OFFLINE
    default:
      return state satisfies never
  }
}

function closedWords({ code, message }: Extract<ConnectionState, { status: 'closed' }>['reason']): ConnectionWords {
  const ended = { tone: 'ended', retry: false, away: true } as const
  switch (code) {
    case 'unauthorized':
      return { ...ended, text: 'Signed out', detail: 'The server does not accept the token any more.' }
    case 'forbidden':
      return { ...ended, text: 'Not allowed', detail: 'The server does not let this token in.' }
    case 'version':
      return { ...ended, text: 'Reload needed', detail: 'The server speaks a newer version than this page.' }
    default:
      return { ...ended, text: 'Closed', detail: message }
  }
}

function inSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds <= 0 ? 'now' : `in ${seconds} s`
}
