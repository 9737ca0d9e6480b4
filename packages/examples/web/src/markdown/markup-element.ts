/** A piece of rendered text: words, or an element of a few harmless kinds. */
export type Markup = string | MarkupElement

/** An element to be. */
export interface MarkupElement {
  readonly tag: keyof HTMLElementTagNameMap
  readonly attributes?: Readonly<Record<string, string>>
  readonly children: readonly Markup[]
}
