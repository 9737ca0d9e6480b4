import type { DirectoryFrame } from '@throughline/sdk/protocol'

/** A link's watch of the directory. */
export interface DirectoryWatch {
  /** The client asks for it: it is told anew, from a list of all. While that is being made, it answers whoever asks again. */
  readonly begin: () => void
  readonly end: () => void
}

/** Tells the list, and then its changes, until what comes back is called. */
type Follow = (tell: (frame: DirectoryFrame) => void) => () => void

type DirectoryWatchState = { readonly kind: 'none' } | { readonly kind: 'listing' | 'listed'; readonly stop: () => void }

/** Begins unwatched. */
export function directoryWatch(follow: Follow, tell: (frame: DirectoryFrame) => void): DirectoryWatch {
  let state: DirectoryWatchState = { kind: 'none' }

  function end(): void {
    if (state.kind !== 'none') state.stop()
    state = { kind: 'none' }
  }

  return {
    begin() {
      if (state.kind === 'listing') return
      end()
      const stop = follow((frame) => {
        state = { kind: 'listed', stop }
        tell(frame)
      })
      state = { kind: 'listing', stop }
    },
    end,
  }
}
