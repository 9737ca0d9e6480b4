import type { Client } from '@throughline/sdk'
import { openLayout, type LayoutSession } from '@throughline/sdk/layout'
import type { SessionEntry } from '@throughline/sdk/protocol'
import { element } from '../dom/element.ts'
import { keyedList } from '../dom/keyed-list.ts'
import { UNTITLED } from '../session/session-header.ts'
import { sessionView, type SessionView } from '../session/session-view.ts'
import { focusedSession } from './focused-session.ts'
import { layoutNotice } from './layout-notice.ts'
import { sessionSwitcher } from './session-switcher.ts'

/** What the layout needs of the page. */
export interface LayoutOptions {
  readonly client: Client
  readonly say: (sentence: string) => void
  readonly report: (error: unknown) => void
}

/** The open sessions side by side; one at a time where the page is narrow. */
export interface Layout {
  readonly element: HTMLElement
  readonly create: () => void
  readonly reopen: (id: string) => void
  /** The sessions that are closed, the newest first. */
  readonly others: () => readonly SessionEntry[]
  readonly titleOf: (session: string) => string
  /** Goes to the session before or after the focused one. */
  readonly step: (by: -1 | 1) => void
  readonly focusComposer: () => void
  readonly dispose: () => void
}

const NARROW = matchMedia('(max-width: 759px)')
/** Side by side all of them are looked at, so none is idle: the longest time that a timer can wait. */
const NEVER_MS = 2 ** 31 - 1

/** Shows every open session, in the order that the server keeps. */
export function layout({ client, say, report }: LayoutOptions): Layout {
  const columns = element('div', { class: 'columns' })
  const notice = layoutNotice({ create })
  const switcher = sessionSwitcher(focus)
  const root = element('main', { class: 'layout' }, switcher.element, notice.element, columns)
  const focusMemory = focusedSession()
  const views = new Map<string, SessionView>()
  const list = keyedList<LayoutSession>(columns, { keyOf: ({ id }) => id, create: column })
  const sessions = openLayout(client, { active: focusMemory.get(), idleMs: NARROW.matches ? undefined : NEVER_MS })
  // Columns that do not fit are reached by the switcher, as on a narrow page.
  const fitting = new ResizeObserver(fit)

  function column({ id }: LayoutSession): SessionView {
    const view = sessionView(id, {
      client,
      acts: {
        rename: (title) => void sessions.rename(id, title).catch(report),
        close: () => void sessions.close(id).catch(report),
        move: (by) => void sessions.move(id, placeOf(id) + by).catch(report),
        remove: () => void client.delete(id).catch(report),
        claim: () => void client.session(id, { exclusive: true }),
      },
      draft: (text) => sessions.setDraft(id, text),
      focused: () => activate(id),
      say,
      report,
    })
    views.set(id, view)
    return { ...view, dispose: () => (views.delete(id), view.dispose?.()) }
  }

  function paint(): void {
    const { state } = sessions
    const { active, sessions: open } = state
    notice.update(state)
    // On a narrow page a session is not watched before somebody looks at it.
    list.update(open.filter(({ id }) => !NARROW.matches || id === active || views.has(id)))
    columns.hidden = open.length === 0
    columns.style.setProperty('--columns', String(open.length))
    switcher.update({ open, focused: active })
    if (active !== undefined) focusMemory.set(active)
    for (const [id, view] of views) {
      view.element.classList.toggle('is-focused', id === active)
      view.show(!NARROW.matches || id === active)
    }
    fit()
  }

  function fit(): void {
    root.classList.toggle('is-crowded', columns.scrollWidth > columns.clientWidth + 1)
  }

  function activate(id: string): void {
    if (sessions.state.active !== id) sessions.activate(id)
  }

  function focus(id: string): void {
    activate(id)
    const view = views.get(id)
    view?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    view?.focus()
  }

  function create(): void {
    void client
      .create()
      .then(({ id }) => sessions.open(id))
      .then(({ id }) => focus(id))
      .catch(report)
  }

  function placeOf(id: string): number {
    return sessions.state.sessions.findIndex((open) => open.id === id)
  }

  function step(by: -1 | 1): void {
    const { active, sessions: open } = sessions.state
    const next = open[placeOf(active ?? '') + by]
    if (next !== undefined) focus(next.id)
  }

  const stop = sessions.subscribe(paint)
  NARROW.addEventListener('change', paint)
  fitting.observe(columns)
  paint()
  return {
    element: root,
    create,
    reopen: (id) =>
      void sessions
        .open(id)
        .then(() => focus(id))
        .catch(report),
    others: () => (client.directory ?? []).filter(({ open }) => !open),
    titleOf: (id) => sessions.state.sessions.find((open) => open.id === id)?.title || UNTITLED,
    step,
    focusComposer: () => views.get(sessions.state.active ?? '')?.focus(),
    dispose() {
      NARROW.removeEventListener('change', paint)
      fitting.disconnect()
      stop()
      sessions.dispose()
      list.dispose()
    },
  }
}
