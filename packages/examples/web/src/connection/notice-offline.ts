import type { Client, LogRecord } from '@throughline/sdk'

/** Whether this device is cut off, as far as the page can know. */
export interface OfflineNotice {
  readonly isOffline: () => boolean
  readonly dispose: () => void
}

/** Only what came over the network after these has passed a network that is not there. */
const IN_FLIGHT_MS = 2_000
const HEARD: ReadonlySet<LogRecord['type']> = new Set(['welcome', 'attached', 'batch', 'duplicate', 'answer'])

/**
 * Believes the browser that there is no network, until something comes over it all the same: a server on this machine needs none.
 * A link does not notice by itself for many seconds.
 */
export function noticeOffline(client: Client, changed: () => void): OfflineNotice {
  let since = navigator.onLine ? undefined : Date.now()

  function set(next: number | undefined): void {
    if (since === next) return
    since = next
    changed()
  }

  const goOffline = (): void => set(Date.now())
  const goOnline = (): void => set(undefined)
  const off = client.on('log', ({ type, at }) => {
    if (since !== undefined && at - since > IN_FLIGHT_MS && HEARD.has(type)) set(undefined)
  })
  addEventListener('offline', goOffline)
  addEventListener('online', goOnline)
  return {
    isOffline: () => since !== undefined,
    dispose() {
      off()
      removeEventListener('offline', goOffline)
      removeEventListener('online', goOnline)
    },
  }
}
