import type { Client, Session, SessionState } from '@throughline/sdk'
import type { SessionEntry } from '@throughline/sdk/protocol'
import { composer } from '../composer/composer.ts'
import { draftOf } from '../composer/draft.ts'
import { suggestions } from '../composer/suggestions.ts'
import { element, setAttribute } from '../dom/element.ts'
import { sameFields } from '../dom/keyed-list.ts'
import { onceAFrame } from '../dom/once-a-frame.ts'
import type { View } from '../dom/view.ts'
import { whenChanged } from '../dom/when-changed.ts'
import { queueView } from '../timeline/queue-view.ts'
import { timeline } from '../timeline/timeline.ts'
import { failureCard } from './failure-card.ts'
import { sessionHeader, UNTITLED, type HeaderActs } from './session-header.ts'
import { statusNews } from './status-news.ts'

/** What a session's view needs of the page around it. */
export interface SessionViewOptions {
  readonly client: Client
  readonly acts: HeaderActs
  readonly focused: () => void
  readonly say: (sentence: string) => void
  /** Tells what went wrong and has no place in the session. */
  readonly report: (error: unknown) => void
}

/** A session's column. */
export interface SessionView extends View<SessionEntry> {
  /** A column that nobody sees follows its session all the same, and paints nothing. */
  readonly show: (shown: boolean) => void
  readonly focus: () => void
}

/** Shows one session: its head, its timeline, what waits, and where the next message is written. */
export function sessionView(id: string, { client, acts, focused, say, report }: SessionViewOptions): SessionView {
  const session = client.session(id)
  const header = whenChanged(sessionHeader(acts), sameFields)
  const failure = whenChanged(failureCard(() => session.retry()))
  const line = timeline(
    timelineActs(session, () => line.toEnd()),
    report,
  )
  const queue = whenChanged(queueView((message) => session.unqueue(message), report))
  const write = whenChanged(composer({ draft: draftOf(id), send, stop: () => session.stop() }))
  const empty = suggestions((message) => void write.send(message))
  const body = element('div', { class: 'session-body' }, line.element, empty, queue.element, write.element)
  const root = element('section', { class: 'session', 'data-testid': 'session', 'data-session': id }, header.element, failure.element, body)

  let entry: SessionEntry | undefined
  let shown = true
  let said = session.state
  const painter = onceAFrame(paint)
  const stops = [session.on('change', change), session.on('failure', change)]

  async function send(text: string): Promise<void> {
    line.toEnd()
    await session.send(text)
  }

  function change(): void {
    const news = statusNews(said, session.state)
    said = session.state
    if (news !== undefined) say(`${entry?.title || UNTITLED}: ${news}`)
    if (shown) painter.request()
  }

  function paint(): void {
    const { state } = session
    const known = state.caughtUp || state.messages.length > 0 ? state : entry
    header.update({
      title: entry?.title,
      status: known?.status ?? 'idle',
      outcome: known?.last?.outcome,
      code: known?.last?.code,
      isUnknown: state.failure !== undefined,
    })
    failure.update(state.failure)
    setAttribute(body, 'hidden', state.failure !== undefined)
    root.classList.toggle('is-restoring', !state.caughtUp && state.failure === undefined)
    setAttribute(root, 'aria-label', entry?.title || UNTITLED)
    line.update(state)
    queue.update(state.queue)
    write.update(state.status)
    setAttribute(empty, 'hidden', !isUntouched(state))
  }

  root.addEventListener('focusin', focused)
  root.addEventListener('pointerdown', focused)
  return {
    element: root,
    update(next) {
      entry = next
      paint()
    },
    show(wanted) {
      shown = wanted
      if (shown) painter.request()
    },
    focus: write.focus,
    dispose() {
      painter.cancel()
      for (const stop of stops) stop()
      line.dispose?.()
      session.detach()
    },
  }
}

function timelineActs(session: Session, toEnd: () => void): Parameters<typeof timeline>[0] {
  return {
    edit(message, text) {
      toEnd()
      return session.edit(message, text)
    },
    regenerate() {
      toEnd()
      return session.regenerate()
    },
    answer: (interrupt, payload) => session.answer(interrupt, payload),
    cancelQuestion: (interrupt) => session.answer(interrupt, undefined, { status: 'cancelled' }),
    loadOlder: () => session.older(),
  }
}

function isUntouched({ caughtUp, messages, queue, more }: SessionState): boolean {
  return caughtUp && messages.length === 0 && queue.length === 0 && !more
}
