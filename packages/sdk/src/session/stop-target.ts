import type { SessionMessage, SessionState } from './session-state.ts'

/** What a stop is about: a run or, before there is one, a message. */
export type StopTarget = { readonly run: string } | { readonly message: string }

/** What is under way now, as somebody sees it who clicks on stop: a late stop must not hit what comes after it. */
export function stopTarget({ status, runs, interrupts, queue }: SessionState, [unseen]: readonly SessionMessage[]): StopTarget | undefined {
  const run = status === 'waiting' ? interrupts[0]?.run : status === 'idle' ? undefined : runs.at(-1)?.id
  if (run !== undefined) return { run }
  const message = queue[0]?.message.id ?? unseen?.id
  return message === undefined ? undefined : { message }
}
