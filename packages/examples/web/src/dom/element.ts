/** Attributes by name: `true` writes an empty one, `false` and undefined leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** What may stand in an element; undefined stands for nothing. */
export type Child = Node | string | undefined

/** Makes an element with attributes and children. Text is always text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value)
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** Writes one attribute, or takes it away; touches nothing where it is that already. */
export function setAttribute(target: Element, name: string, value: string | number | boolean | undefined): void {
  const text = value === true ? '' : String(value)
  if (value === undefined || value === false) target.removeAttribute(name)
  else if (target.getAttribute(name) !== text) target.setAttribute(name, text)
}

/** Sets an element's text, and touches nothing where it is that already. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}
