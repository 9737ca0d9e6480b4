/**
 * What became of a message, as far as its sender was told. Where its page went first: `kept`, so that a later page sends it; `early`, before it could
 * be kept; `gone`, as nothing is kept there.
 */
type Fate = 'waiting' | 'accepted' | 'unsent' | 'kept' | 'early' | 'gone'

/** All messages that were sent, and what became of them. */
export class SentMessages {
  readonly #fates = new Map<string, Fate>()
  readonly #pages = new Map<string, object>()

  add(id: string, page: object): void {
    this.#fates.set(id, 'waiting')
    this.#pages.set(id, page)
  }

  /** Its sender, or a later page, was told. */
  settled(id: string, fate: 'accepted' | 'unsent'): void {
    if (this.#fates.has(id)) this.#fates.set(id, fate)
  }

  /** A page is gone: what it had sent waits for the next, if it was kept. */
  left(page: object, kept: ReadonlySet<string> | 'unknown'): void {
    for (const id of this.waiting()) {
      if (this.#pages.get(id) !== page) continue
      this.#fates.set(id, kept === 'unknown' ? 'gone' : kept.has(id) ? 'kept' : 'early')
    }
  }

  waiting(): readonly string[] {
    return [...this.#fates].filter(([, fate]) => fate === 'waiting').map(([id]) => id)
  }

  /** The messages that did not take effect as often as their fate says. `takenBack`: a stop took them out of the queue. */
  wrong(
    times: (id: string) => number,
    takenBack: ReadonlySet<string>,
  ): readonly { readonly id: string; readonly fate: Fate; readonly times: number }[] {
    return [...this.#fates]
      .map(([id, fate]) => ({ id, fate, times: times(id) }))
      .filter(({ id, fate, times: found }) => !isRight(fate, found, takenBack.has(id)))
  }
}

function isRight(fate: Fate, times: number, wasTakenBack: boolean): boolean {
  if (wasTakenBack) return times === 0
  switch (fate) {
    case 'accepted':
    case 'kept':
      return times === 1
    case 'unsent':
    // What is delivered before it is kept could take effect, and its page would never know.
    case 'early':
      return times === 0
    case 'gone':
      return times <= 1
    case 'waiting':
      return false
    default:
      return fate satisfies never
  }
}
