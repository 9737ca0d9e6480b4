import { element } from '../dom/element.ts'
import type { Markup, MarkupElement } from './markup-element.ts'

/**
 * Turns what a parent shows into what it is to show, and touches only what differs: a token more in a paragraph is one write to
 * one text node. The parent's children must be those of `before`, one node a piece.
 */
export function patchMarkup(parent: Node, before: readonly Markup[], after: readonly Markup[]): void {
  for (const [index, next] of after.entries()) {
    const previous = before[index]
    if (previous === next) continue
    const node = parent.childNodes[index]
    if (previous === undefined || node === undefined) parent.appendChild(build(next))
    else if (node instanceof Text && typeof previous === 'string' && typeof next === 'string') writeText(node, previous, next)
    else if (typeof previous !== 'string' && typeof next !== 'string' && sameShell(previous, next))
      patchMarkup(node, previous.children, next.children)
    else parent.replaceChild(build(next), node)
  }
  while (parent.childNodes.length > after.length) parent.lastChild?.remove()
}

function writeText(node: Text, before: string, after: string): void {
  if (after.startsWith(before)) node.appendData(after.slice(before.length))
  else node.data = after
}

function sameShell(before: MarkupElement, after: MarkupElement): boolean {
  const names = Object.keys({ ...before.attributes, ...after.attributes })
  return before.tag === after.tag && names.every((name) => before.attributes?.[name] === after.attributes?.[name])
}

function build(markup: Markup): Node {
  if (typeof markup === 'string') return document.createTextNode(markup)
  return element(markup.tag, markup.attributes, ...markup.children.map(build))
}
