import type { WakeNews, WakeSource } from './wake-source.ts'

interface Target {
  addEventListener(type: string, listener: (event: { readonly persisted?: boolean }) => void): void
  removeEventListener(type: string, listener: (event: { readonly persisted?: boolean }) => void): void
}

/** What of a browser's global scope the wake source reads. Outside a browser all of it may be missing. */
export interface BrowserScope extends Partial<Target> {
  readonly document?: Target & { readonly visibilityState: string }
  readonly navigator?: { readonly onLine?: boolean }
}

/**
 * Wake signals of a browser page: visibility, focus, pageshow, online and resume (a frozen page goes on). In Node and other
 * places without a page it never signals, and nothing counts as hidden or offline.
 */
export function browserWake(scope: BrowserScope = globalThis as BrowserScope): WakeSource {
  const { document } = scope
  const hidden = () => document?.visibilityState === 'hidden'
  return {
    hidden,
    offline: () => scope.navigator?.onLine === false,
    listen: (listener) => {
      const removals: (() => void)[] = []
      const hear = (target: Partial<Target> | undefined, type: string, news: (event: { readonly persisted?: boolean }) => WakeNews) => {
        const listen = (event: { readonly persisted?: boolean }) => listener(news(event))
        target?.addEventListener?.(type, listen)
        removals.push(() => target?.removeEventListener?.(type, listen))
      }
      hear(document, 'visibilitychange', () => (hidden() ? 'hidden' : 'visible'))
      hear(document, 'resume', () => 'resume')
      hear(scope, 'focus', () => 'focus')
      hear(scope, 'pageshow', ({ persisted }) => (persisted ? 'bfcache' : 'pageshow'))
      hear(scope, 'online', () => 'online')
      hear(scope, 'offline', () => 'offline')
      return () => {
        for (const remove of removals) remove()
      }
    },
  }
}
