/** A text that is written and not sent yet: it survives a reload of this tab, and belongs to its session. */
export interface Draft {
  readonly read: () => string
  readonly write: (text: string) => void
}

/** The draft of a session in this tab. */
export function draftOf(session: string, storage: Storage = sessionStorage): Draft {
  const name = `throughline.draft.${session}`
  return {
    read: () => storage.getItem(name) ?? '',
    write(text) {
      if (text === '') storage.removeItem(name)
      else storage.setItem(name, text)
    },
  }
}
