import { act, createElement, type FunctionComponent } from 'react'
import { createRoot } from 'react-dom/client'
import { vi } from 'vitest'
import type { Client, Session } from '../../../src/index.ts'

/** What of a page's elements is read here. */
export interface Box {
  innerHTML: string
  readonly textContent: string
}

/** A component in the page. */
export interface Mounted<Props> {
  readonly box: Box
  /** What the page shows. */
  readonly text: () => string
  readonly render: (props: Props) => Promise<void>
  readonly unmount: () => Promise<void>
}

/** An element of the page, for a root. */
export function newBox(): Box & Element {
  const { document } = globalThis as unknown as { readonly document: { createElement(tag: string): Box & Element } }
  return document.createElement('div')
}

/** Mounts a component, and lets all its effects happen. React reports what went wrong to the console, which is a failure here. */
export async function mount<Props extends object>(component: FunctionComponent<Props>, props: Props): Promise<Mounted<Props>> {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const box = newBox()
  const root = createRoot(box)
  const render = (next: Props) => act(async () => root.render(createElement(component, next)))
  await render(props)
  return {
    box,
    text: () => box.textContent,
    render,
    unmount: () => act(async () => root.unmount()),
  }
}

/** How many listeners somebody has from now on, counted as they come and go. */
export function countedListeners(source: Client | Session): () => number {
  let count = 0
  const on = source.on.bind(source) as (...args: unknown[]) => () => void
  vi.spyOn(source as { on: (...args: unknown[]) => () => void }, 'on').mockImplementation((...args) => {
    count++
    const off = on(...args)
    return () => {
      count--
      off()
    }
  })
  return () => count
}
