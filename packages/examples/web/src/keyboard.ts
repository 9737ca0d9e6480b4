/** Keys that work wherever nobody is typing. */
export type PageKeys = Readonly<Record<string, () => void>>

/** Listens for the keys of the page; what comes back stops it. */
export function listenForKeys(keys: PageKeys): () => void {
  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const act = keys[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  addEventListener('keydown', press)
  return () => removeEventListener('keydown', press)
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}
