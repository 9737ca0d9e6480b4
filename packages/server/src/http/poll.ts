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

/**
 * `held`: no news has left; `gathering`: some has; `late`: the answer is to end as soon as the directory that is leaving is whole, since a part of
 * it counts for nothing. `directory`: how much of it has left.
 */
type PollState =
  | { readonly kind: 'held' | 'gathering'; readonly directory: 'none' | 'part' | 'whole' }
  | { readonly kind: 'late'; readonly directory: 'part' }
  | { readonly kind: 'stopped' }

/** Begins to watch an answer. `onOver`: it is to end now. */
export function startPoll(timers: Timers, onOver: () => void): Poll {
  let state: PollState = { kind: 'held', directory: 'none' }
  let timer = timers.setTimeout(timeIsUp, HELD_MS)

  function timeIsUp(): void {
    if (state.kind !== 'stopped' && state.directory === 'part') state = { kind: 'late', directory: 'part' }
    else onOver()
  }

  return {
    note(encoded) {
      if (state.kind === 'stopped') return
      const frame = JSON.parse(encoded.toString()) as ServerFrame
      if (state.kind === 'held' && isNews(frame, state.directory === 'whole')) {
        timers.clearTimeout(timer)
        timer = timers.setTimeout(timeIsUp, GATHER_MS)
        state = { ...state, kind: 'gathering' }
      }
      if (frame.type !== 'directory') return
      if (frame.more === true) state = { ...state, directory: 'part' }
      else if (state.kind === 'late') onOver()
      else state = { ...state, directory: 'whole' }
    },
    stop() {
      state = { kind: 'stopped' }
      timers.clearTimeout(timer)
    },
  }
}

/** Whether a frame tells the client something that its cursors do not. `isListed`: it has had the answer to `watch`. */
function isNews(frame: ServerFrame, isListed: boolean): boolean {
  switch (frame.type) {
    case 'attached':
      return !frame.resumed
    case 'directory':
      // First comes the answer to `watch`, the same each time.
      return isListed
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
