import type { View } from './view.ts'

/** How items become elements. */
export interface KeyedListOptions<Item> {
  /** What makes an item the same from one update to the next; unique in the list. */
  readonly keyOf: (item: Item) => string
  readonly create: (item: Item) => View<Item>
  /** Whether nothing has to be painted again. @default Object.is */
  readonly same?: (before: Item, after: Item) => boolean
}

/** Children of one element that follow a list. */
export interface KeyedList<Item> {
  readonly update: (items: readonly Item[]) => void
  readonly dispose: () => void
}

/** Keeps a parent's children in step with a list: what is still there keeps its element, its focus and its scroll position. */
export function keyedList<Item>(parent: HTMLElement, options: KeyedListOptions<Item>): KeyedList<Item> {
  const { keyOf, create, same = Object.is } = options
  let shown = new Map<string, { readonly view: View<Item>; readonly item: Item }>()

  function update(items: readonly Item[]): void {
    const next: typeof shown = new Map()
    for (const item of items) next.set(keyOf(item), paint(item))
    for (const [key, { view }] of shown) if (!next.has(key)) remove(view)
    shown = next
    place([...next.values()].map(({ view }) => view.element))
  }

  function paint(item: Item): { readonly view: View<Item>; readonly item: Item } {
    const old = shown.get(keyOf(item))
    if (old !== undefined && same(old.item, item)) return old
    const view = old?.view ?? create(item)
    view.update(item)
    return { view, item }
  }

  // Only what stands in the wrong place is moved: a moved element loses its focus and its scroll position.
  function place(elements: readonly HTMLElement[]): void {
    let spot = parent.firstElementChild
    for (const wanted of elements) {
      if (wanted === spot) spot = spot.nextElementSibling
      else parent.insertBefore(wanted, spot)
    }
  }

  function remove(view: View<Item>): void {
    view.dispose?.()
    view.element.remove()
  }

  return { update, dispose: () => update([]) }
}

/** Whether two flat objects hold the same values. */
export function sameFields<Item extends object>(before: Item, after: Item): boolean {
  const names = Object.keys(after)
  return (
    names.length === Object.keys(before).length && names.every((name) => Object.is(Reflect.get(before, name), Reflect.get(after, name)))
  )
}
