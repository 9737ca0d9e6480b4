/**
 * A reason to check the link now. `bfcache`: the page comes back from the back/forward cache, which has killed its sockets.
 * `active`: an app came to the foreground. `app`: the app asked for it.
 */
export type WakeSignal = 'visible' | 'focus' | 'pageshow' | 'bfcache' | 'online' | 'resume' | 'active' | 'app'

/** What a wake source tells: wake signals, and that nobody looks any more or the network went. */
export type WakeNews = WakeSignal | 'hidden' | 'offline'

/** Where wake signals come from; each platform has its own. */
export interface WakeSource {
  /** Whether nobody can see the app: then no link is dialled. */
  readonly hidden: () => boolean
  /** Whether the platform believes that there is no network. A hint: one dial is tried each 30 s all the same. */
  readonly offline: () => boolean
  /** Calls back with news; what comes back stops it. Several signals for one return are fine: they are one check. */
  readonly listen: (listener: (news: WakeNews) => void) => () => void
}
