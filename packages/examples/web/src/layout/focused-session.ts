/** Which session this tab looks at. Other tabs have their own. */
export interface FocusedSession {
  readonly get: () => string | undefined
  readonly set: (id: string) => void
  readonly forget: () => void
}

const NAME = 'throughline.focus'

/** Remembers the focused session over reloads of this tab. */
export function focusedSession(storage: Storage = sessionStorage): FocusedSession {
  return {
    get: () => storage.getItem(NAME) ?? undefined,
    set: (id) => storage.setItem(NAME, id),
    forget: () => storage.removeItem(NAME),
  }
}
