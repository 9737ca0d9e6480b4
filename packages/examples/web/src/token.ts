/** The token of this tab: kept until the tab is closed, and never part of an address. */
export interface TokenMemory {
  readonly get: () => string | undefined
  readonly set: (token: string) => void
  readonly forget: () => void
}

const NAME = 'throughline.token'

/** Keeps the token in the tab's own storage. */
export function tokenMemory(storage: Storage = sessionStorage): TokenMemory {
  return {
    get: () => storage.getItem(NAME) ?? undefined,
    set: (token) => storage.setItem(NAME, token),
    forget: () => storage.removeItem(NAME),
  }
}
