import type { ConnectionState } from '@throughline/sdk'

/** What the page says about its connection. */
export interface ConnectionWords {
  /** `good`, `calm`: nothing to do about it; `attention`: it takes longer than it should; `ended`: it will not come back by itself. */
  readonly tone: 'good' | 'calm' | 'attention' | 'ended'
  readonly text: string
  /** What it means for the person's work. */
  readonly detail: string
  /** Whether trying at once makes sense. */
  readonly retry: boolean
}

/** So long a lost link is no news: most are back before anybody has read a sentence about it. */
export const CALM_MS = 4_000

const KEPT = 'The agents do not need this page to go on. It asks for what it missed as soon as it is back.'

/** Says where the connection stands, honestly, and without alarm before there is a reason. `awayMs`: how long the page has not been live. */
export function connectionWords(state: ConnectionState, awayMs: number, now: number): ConnectionWords {
  const calm = awayMs < CALM_MS
  switch (state.status) {
    case 'live':
      return { tone: 'good', text: 'Live', detail: 'Everything that happens is here as it happens.', retry: false }
    case 'idle':
      return { tone: 'calm', text: 'Not connected', detail: 'Nothing on this page needs a connection now.', retry: false }
    case 'connecting':
      if (calm) return { tone: 'calm', text: state.attempt > 1 ? 'Reconnecting…' : 'Connecting…', detail: KEPT, retry: false }
      return { tone: 'attention', text: 'Trying to connect…', detail: KEPT, retry: false }
    case 'waiting':
      if (calm) return { tone: 'calm', text: 'Reconnecting…', detail: KEPT, retry: true }
      return { tone: 'attention', text: `Connection lost · next try ${inSeconds(state.at - now)}`, detail: KEPT, retry: true }
    case 'paused':
      return state.reason === 'hidden'
        ? { tone: 'calm', text: 'Paused while hidden', detail: KEPT, retry: false }
        : { tone: 'calm', text: 'Offline', detail: `This device has no network. ${KEPT}`, retry: true }
    case 'closed':
      return closedWords(state.reason)
    default:
      return state satisfies never
  }
}

function closedWords({ code, message }: Extract<ConnectionState, { status: 'closed' }>['reason']): ConnectionWords {
  switch (code) {
    case 'unauthorized':
      return { tone: 'ended', text: 'Signed out', detail: 'The server does not accept the token any more.', retry: false }
    case 'forbidden':
      return { tone: 'ended', text: 'Not allowed', detail: 'The server does not let this token in.', retry: false }
    case 'version':
      return { tone: 'ended', text: 'Reload needed', detail: 'The server speaks a newer version than this page.', retry: false }
    default:
      return { tone: 'ended', text: 'Closed', detail: message, retry: false }
  }
}

function inSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds <= 0 ? 'now' : `in ${seconds} s`
}
