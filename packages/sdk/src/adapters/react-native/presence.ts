/** Where the user of an app is. `aside`: still before it, with something in front, e.g. a call, the app switcher or a permission. */
export type Presence = { readonly kind: 'here' } | { readonly kind: 'aside'; readonly since: number } | { readonly kind: 'away' }

/** Being aside for less than this is no absence: a link does not die of it. */
const BLIP_MS = 2_000

/** Where the user is after a change of AppState, and the news in it, if any. The same status twice says nothing new. */
export function presenceAfter(
  presence: Presence,
  status: string | null | undefined,
  now: number,
): { readonly presence: Presence; readonly news?: 'hidden' | 'active' } {
  switch (status) {
    case 'active': {
      const wasGone = presence.kind === 'away' || (presence.kind === 'aside' && now - presence.since >= BLIP_MS)
      return { presence: { kind: 'here' }, ...(wasGone && { news: 'active' }) }
    }
    case 'inactive':
      // On the way out it comes before `background`, on the way back after it.
      return { presence: presence.kind === 'here' ? { kind: 'aside', since: now } : presence }
    case 'background':
      return { presence: { kind: 'away' }, ...(presence.kind !== 'away' && { news: 'hidden' }) }
    default:
      return { presence }
  }
}
