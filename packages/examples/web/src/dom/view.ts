/** A piece of the page that shows one value. It is made empty; `update` fills it, and fills it again when the value changes. */
export interface View<Value> {
  readonly element: HTMLElement
  readonly update: (value: Value) => void
  /** Lets go of what lives longer than the element: timers, listeners elsewhere. */
  readonly dispose?: () => void
}
