/** Takes items one at a time; of those that wait meanwhile only the newest has its turn. */
export interface NewestInTurn<Item> {
  readonly take: (item: Item) => void
}

/** What is done with the items. */
export interface NewestInTurnStart<Item> {
  /** Takes one. It must not reject. */
  readonly work: (item: Item) => Promise<void>
  /** A newer one came while this one waited. */
  readonly onReplaced: (item: Item) => void
}

/** Begins with nothing under way. */
export function newestInTurn<Item>({ work, onReplaced }: NewestInTurnStart<Item>): NewestInTurn<Item> {
  let state: { readonly kind: 'idle' | 'busy' } | { readonly kind: 'waiting'; readonly next: Item } = { kind: 'idle' }

  async function begin(item: Item): Promise<void> {
    state = { kind: 'busy' }
    await work(item)
    goOn()
  }

  function goOn(): void {
    if (state.kind === 'waiting') void begin(state.next)
    else state = { kind: 'idle' }
  }

  return {
    take(item) {
      const before = state
      if (before.kind === 'idle') void begin(item)
      else state = { kind: 'waiting', next: item }
      if (before.kind === 'waiting') onReplaced(before.next)
    },
  }
}
