import { SessionError, type SessionErrorCode } from '@throughline/sdk'
import type { GivenKind } from './given-commands.ts'
import type { Page } from './page.ts'
import { pick } from './seeded-random.ts'
import type { Stage } from './stage.ts'

/** Why what is given may be refused. */
const REFUSALS: { readonly [Kind in GivenKind]: readonly SessionErrorCode[] } = {
  send: ['superseded', 'expired'],
  // Something runs, or what was to be replaced has gone meanwhile.
  edit: ['superseded', 'expired', 'busy', 'invalid'],
  answer: ['superseded', 'expired', 'interrupt_closed'],
  // Nothing is known yet that could be stopped.
  stop: ['superseded', 'expired', 'unavailable'],
}

/** Somebody sends a message. */
export function send(stage: Stage, page: Page, text = 'go on'): void {
  const whenBusy = pick(stage.random, ['queue', 'queue', 'queue', 'interrupt'] as const)
  give(stage, page, 'send', (id) => page.session.send(text, { id, whenBusy }))
}

/** Somebody writes a message anew. */
export function edit(stage: Stage, page: Page): void {
  const stored = page.session.state.messages.filter(({ role, pending }) => role === 'user' && pending === undefined)
  if (stored.length === 0) return
  const { id: replaced } = pick(stage.random, stored)
  const whenBusy = pick(stage.random, ['interrupt', 'interrupt', 'refuse'] as const)
  if (whenBusy === 'interrupt' && page.session.state.status !== 'idle') stage.count('edit of what runs')
  give(stage, page, 'edit', (id) => page.session.edit(replaced, 'rather so', { id, whenBusy }))
}

/** Somebody answers a question. */
export function answer(stage: Stage, page: Page): void {
  const open = page.session.state.interrupts.find((interrupt) => interrupt.answer === undefined)
  if (open) give(stage, page, 'answer', (payload) => page.session.answer(open.id, payload), open.id)
}

/** All who see a question answer it, before anybody knows of the others. */
export function answerTogether(stage: Stage): void {
  for (const page of stage.pages) answer(stage, page)
}

/** Somebody stops what they see run. */
export function stop(stage: Stage, page: Page): void {
  const queue = stage.random() < 0.3
  give(stage, page, 'stop', () => page.session.stop({ queue }))
}

/** Gives a command, and notes what is told of it. */
function give(stage: Stage, page: Page, what: GivenKind, act: (name: string) => Promise<object>, question?: string): void {
  const { count, given, failures } = stage
  const name = given.add(what, page, question)
  if (page.client.state.status !== 'live') count(`${what} without a link`)
  act(name).then(
    (result) => {
      given.told(name, 'accepted')
      if ('stopped' in result) count(result.stopped === true ? 'stopped' : 'not running')
    },
    (error: unknown) => {
      const code = error instanceof SessionError ? error.code : undefined
      given.told(name, 'refused', code)
      if (code && REFUSALS[what].includes(code)) count(`${what} ${code}`)
      else failures.push(error)
    },
  )
}
