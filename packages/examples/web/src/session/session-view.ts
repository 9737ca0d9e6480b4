import type { Client, Session, SessionState } from '@throughline/sdk'
import type { LayoutSession } from '@throughline/sdk/layout'
import { composer } from '../composer/composer.ts'
import { suggestions } from '../composer/suggestions.ts'
import { element, setAttribute } from '../dom/element.ts'
import { sameFields } from '../dom/keyed-list.ts'
import { onceAFrame } from '../dom/once-a-frame.ts'
import type { View } from '../dom/view.ts'
import { whenChanged } from '../dom/when-changed.ts'
import { queueView } from '../timeline/queue-view.ts'
import { textOf } from '../timeline/text-of.ts'
import { timeline } from '../timeline/timeline.ts'
import { failureCard } from './failure-card.ts'
import { sessionHeader, UNTITLED, type HeaderActs } from './session-header.ts'
import { statusNews } from './status-news.ts'
import { unsentCards } from './unsent-cards.ts'
import { noteOfUnsent, unsentNotes } from './unsent-notes.ts'

/** What a session's view needs of the page around it. */
export interface SessionViewOptions {
  readonly client: Client
  readonly acts: HeaderActs
  /** Keeps what is typed and not sent yet. */
  readonly draft: (text: string) => void
  readonly focused: () => void
  readonly say: (sentence: string) => void
  /** Tells what went wrong and has no place in the session. */
  readonly report: (error: unknown) => void
}

/** A session's column. */
export interface SessionView extends View<LayoutSession> {
  /** A column that nobody sees paints nothing; one that is seen follows its session. */
  readonly show: (shown: boolean) => void
  readonly focus: () => void
}

/** Shows one session: its head, its timeline, what waits, and where the next message is written. */
export function sessionView(id: string, { client, acts, draft, focused, say, report }: SessionViewOptions): SessionView {
  const session = client.session(id)
  const header = whenChanged(sessionHeader(acts), sameFields)
  const failure = whenChanged(failureCard(() => session.retry()))
  const line = timeline(
    timelineActs(session, () => line.toEnd()),
    report,
  )
  const queue = whenChanged(queueView((message) => session.unqueue(message), report))
  const write = whenChanged(
    composer({
      draft,
      send,
      stop: () => session.stop(),
      keep: (text, why) => unsent.add({ id: crypto.randomUUID(), what: 'message', text, why }),
    }),
    sameFields,
  )
  const empty = suggestions((message) => void write.send(message))
  const unsent = unsentNotes(client, id, () => painter.request())
  const cards = whenChanged(
    unsentCards({
      sendAgain(note) {
        unsent.remove(note.id)
        void write.send(note.text)
      },
      discard: (note) => unsent.remove(note.id),
    }),
  )
  const foot = element('div', { class: 'session-foot' }, cards.element, queue.element, write.element)
  const body = element('div', { class: 'session-body' }, line.element, empty, foot)
  const root = element('section', { class: 'session', 'data-testid': 'session', 'data-session': id }, header.element, failure.element, body)

  let row: LayoutSession | undefined
  let shown = true
  let said = session.state
  const painter = onceAFrame(paint)
  const stops = [
    session.on('change', change),
    session.on('failure', change),
    session.on('unsent', (command) => unsent.add(noteOfUnsent(command))),
  ]

  async function send(text: string): Promise<void> {
    line.toEnd()
    await session.send(text)
  }

  function change(): void {
    const news = statusNews(said, session.state)
    said = session.state
    if (news !== undefined) say(`${row?.title || UNTITLED}: ${news}`)
    if (shown) painter.request()
  }

  function paint(): void {
    const { state } = session
    const isElsewhere = state.failure?.code === 'superseded'
    const known = state.caughtUp || state.messages.length > 0 ? state : row
    header.update({
      title: row?.title,
      status: known?.status ?? 'idle',
      outcome: known?.last?.outcome,
      code: known?.last?.code,
      isUnknown: state.failure !== undefined && !isElsewhere,
      isElsewhere,
    })
    failure.update(state.failure)
    setAttribute(body, 'hidden', state.failure !== undefined && !isElsewhere)
    root.classList.toggle('is-elsewhere', isElsewhere)
    root.classList.toggle('is-restoring', !state.caughtUp && state.failure === undefined)
    setAttribute(root, 'aria-label', row?.title || UNTITLED)
    line.update(state)
    queue.update(state.queue)
    cards.update(unsent.list())
    write.update({ status: state.status, draft: row?.draft ?? '' })
    setAttribute(empty, 'hidden', !isUntouched(state))
  }

  root.addEventListener('focusin', focused)
  root.addEventListener('pointerdown', focused)
  return {
    element: root,
    update(next) {
      row = next
      paint()
    },
    show(wanted) {
      if (wanted && !shown) client.session(id)
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
    answerOf: (run) => textOf(session.state.messages.filter((message) => message.run === run && message.role !== 'user')),
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
