import type { ServerFrame } from '@throughline/sdk/protocol'
import type { Timers } from '../timers.ts'

/** For how long an answer without news is held. */
const HELD_MS = 20_000

/** For how long more news is gathered after the first. */
const GATHER_MS = 50

/** Watches what leaves over an answer that is to end with its first news. */
export interface Poll {
  /** A frame leaves. */
  readonly note: (encoded: Buffer | string) => void
  readonly stop: () => void
}

/** Begins to watch an answer. `onOver`: it is to end now. */
export function startPoll(timers: Timers, onOver: () => void): Poll {
  let state: 'held' | 'gathering' | 'stopped' = 'held'
  let wasListed = false
  let timer = timers.setTimeout(onOver, HELD_MS)

  /** Whether a frame tells the client something that its cursors do not. */
  function isNews(frame: ServerFrame): boolean {
    switch (frame.type) {
      case 'attached':
        return !frame.resumed
      case 'directory': {
        // First comes the answer to `watch`, the same each time.
        const isChange = wasListed
        wasListed ||= frame.more === undefined
        return isChange
      }
      case 'batch':
      case 'detached':
      case 'refused':
      case 'pong':
      case 'bye':
      case 'closed':
        return true
      case 'welcome':
      case 'accepted':
      case 'ping':
        return false
      default:
        return frame satisfies never
    }
  }

  return {
    note(encoded) {
      if (state !== 'held' || !isNews(JSON.parse(encoded.toString()) as ServerFrame)) return
      state = 'gathering'
      timers.clearTimeout(timer)
      timer = timers.setTimeout(onOver, GATHER_MS)
    },
    stop() {
      state = 'stopped'
      timers.clearTimeout(timer)
    },
  }
}
