/** Who uses this browser: kept until they sign out, and never part of an address. */
export interface VisitorMemory {
  readonly token: () => string | undefined
  /** Who the token stands for, as the server said it last. */
  readonly user: () => string | undefined
  /** Takes a token; whose it is the server will say. */
  readonly enter: (token: string) => void
  readonly know: (user: string) => void
  /** The server does not accept the token. What is kept of the user stays: they may come back with another. */
  readonly refuse: () => void
  readonly signOut: () => void
  /** Calls back when another tab signs out; what comes back stops it. */
  readonly onSignedOut: (listener: () => void) => () => void
}

const TOKEN = 'throughline.token'
const USER = 'throughline.user'

/** Keeps the visitor in the storage of this browser, for all of its tabs. */
export function visitorMemory(storage: Storage = localStorage): VisitorMemory {
  return {
    token: () => storage.getItem(TOKEN) || undefined,
    user: () => storage.getItem(USER) ?? undefined,
    enter(token) {
      storage.removeItem(USER)
      storage.setItem(TOKEN, token)
    },
    know: (user) => storage.setItem(USER, user),
    refuse() {
      storage.removeItem(USER)
      // Not removed: that is how other tabs hear that somebody signed out.
      storage.setItem(TOKEN, '')
    },
    signOut() {
      storage.removeItem(USER)
      storage.removeItem(TOKEN)
    },
    onSignedOut(listener) {
      const hear = ({ key, newValue, storageArea }: StorageEvent): void => {
        if (storageArea === storage && newValue === null && (key === TOKEN || key === null)) listener()
      }
      addEventListener('storage', hear)
      return () => removeEventListener('storage', hear)
    },
  }
}
