import type { Client } from '@throughline/sdk'
import type { SessionEntry } from '@throughline/sdk/protocol'
import { element } from '../dom/element.ts'
import { keyedList } from '../dom/keyed-list.ts'
import { sessionView, type SessionView } from '../session/session-view.ts'
import { focusedSession } from './focused-session.ts'
import { layoutNotice } from './layout-notice.ts'
import { OpenSessions } from './open-sessions.ts'
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
  readonly others: () => readonly SessionEntry[]
  readonly titleOf: (session: string) => string
  /** Goes to the session before or after the focused one. */
  readonly step: (by: -1 | 1) => void
  readonly focusComposer: () => void
  readonly dispose: () => void
}

const NARROW = matchMedia('(max-width: 759px)')

/** Shows every open session, in the order that the server keeps. */
export function layout({ client, say, report }: LayoutOptions): Layout {
  const columns = element('div', { class: 'columns' })
  const notice = layoutNotice({ retry: () => void sessions.load(), create })
  const switcher = sessionSwitcher(focus)
  const focusMemory = focusedSession()
  const views = new Map<string, SessionView>()
  const list = keyedList<SessionEntry>(columns, { keyOf: (entry) => entry.id, create: column })
  const sessions = new OpenSessions(client, paint)

  function column({ id }: SessionEntry): SessionView {
    const view = sessionView(id, {
      client,
      acts: {
        rename: (title) => void sessions.rename(id, title).catch(report),
        close: () => void sessions.close(id).catch(report),
        move: (by) => void sessions.move(id, by).catch(report),
        remove: () => void sessions.remove(id).catch(report),
      },
      focused: () => remember(id),
      say,
      report,
    })
    views.set(id, view)
    return { ...view, dispose: () => (views.delete(id), view.dispose?.()) }
  }

  function paint(): void {
    const { state } = sessions
    notice.update(state)
    const open = openNow()
    list.update(open)
    columns.hidden = open.length === 0
    columns.style.setProperty('--columns', String(open.length))
    const focused = focusedNow()
    switcher.update({ open, focused })
    for (const [id, view] of views) {
      view.element.classList.toggle('is-focused', id === focused)
      view.show(!NARROW.matches || id === focused)
    }
  }

  function openNow(): readonly SessionEntry[] {
    const { state } = sessions
    return state.kind === 'ready' ? state.open : []
  }

  function focusedNow(): string | undefined {
    const open = openNow()
    const remembered = focusMemory.get()
    return open.some((entry) => entry.id === remembered) ? remembered : open[0]?.id
  }

  function remember(id: string): void {
    if (focusMemory.get() === id) return
    focusMemory.set(id)
    paint()
  }

  function focus(id: string): void {
    focusMemory.set(id)
    paint()
    const view = views.get(id)
    view?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    view?.focus()
  }

  function create(): void {
    sessions.create().then(focus, report)
  }

  function step(by: -1 | 1): void {
    const open = openNow()
    const next = open[open.findIndex((entry) => entry.id === focusedNow()) + by]
    if (next !== undefined) focus(next.id)
  }

  NARROW.addEventListener('change', paint)
  sessions.follow()
  return {
    element: element('main', { class: 'layout' }, switcher.element, notice.element, columns),
    create,
    reopen: (id) => void sessions.reopen(id).then(() => focus(id), report),
    others: () => (sessions.state.kind === 'ready' ? sessions.state.others : []),
    titleOf: (id) => openNow().find((entry) => entry.id === id)?.title || 'New session',
    step,
    focusComposer: () => views.get(focusedNow() ?? '')?.focus(),
    dispose() {
      NARROW.removeEventListener('change', paint)
      sessions.dispose()
      list.dispose()
    },
  }
}
