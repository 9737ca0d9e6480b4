import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { isSame } from './is-same.ts'

/** A state that changes by itself, of a source: a client's, or that of one of its sessions. */
export interface Changing<Source, State> {
  /** What it is on the server, and for the first render in a page that was rendered there. */
  readonly blank: State
  /** The same object until something has changed. A render asks, so it changes nothing itself. */
  readonly getState: (source: Source, id: string | undefined) => State
  readonly subscribe: (source: Source, listener: () => void, id: string | undefined) => () => void
}

/** What a component needs of a state, all of it by default; it renders again only when that has changed. */
export function useSelected<Source, State>(
  { blank, getState, subscribe }: Changing<Source, State>,
  source: Source,
  select: (state: State) => unknown = whole,
  isEqual: (one: unknown, other: unknown) => boolean = isSame,
  id?: string,
): unknown {
  const shown = useRef<{ readonly value: unknown }>(undefined)
  const subscribeTo = useMemo(() => (listener: () => void) => subscribe(source, listener, id), [subscribe, source, id])
  const [readSelected, readBlank] = useMemo(() => {
    const selectedBlank = select(blank)
    // A function that is written inside the component is another one each time, so it goes on from what the one before it gave.
    let kept = shown.current
    let from: unknown = UNREAD
    const selected = () => {
      const state = getState(source, id)
      if (from !== state) {
        from = state
        const value = select(state)
        if (!kept || !isEqual(kept.value, value)) kept = { value }
      }
      return kept?.value
    }
    return [selected, () => selectedBlank]
  }, [blank, getState, source, id, select, isEqual])

  const value = useSyncExternalStore(subscribeTo, readSelected, readBlank)
  useEffect(() => {
    shown.current = { value }
  }, [value])
  return value
}

/** Not undefined, which a state may well be. */
const UNREAD = {}

function whole(state: unknown): unknown {
  return state
}
