import type { View } from './view.ts'

type ValueOf<Shown extends View<never>> = Parameters<Shown['update']>[0]

/** A view that is only given values that differ from its last one: a page that paints each token must not write what stands there already. */
export function whenChanged<Shown extends View<never>>(
  view: Shown,
  same: (before: ValueOf<Shown>, after: ValueOf<Shown>) => boolean = Object.is,
): Shown {
  let shown: { readonly value: ValueOf<Shown> } | undefined
  return {
    ...view,
    update(value: ValueOf<Shown>) {
      if (shown !== undefined && same(shown.value, value)) return
      shown = { value }
      view.update(value)
    },
  }
}
