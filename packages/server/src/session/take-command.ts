import type {
  AnswerFrame,
  CommandFrame,
  CommandResult,
  CommandResults,
  SendFrame,
  StopFrame,
  UnqueueFrame,
} from '@throughline/sdk/protocol'
import { decideAnswer } from './decide-answer.ts'
import { decideSend } from './decide-send.ts'
import { decideStop } from './decide-stop.ts'
import { activityOf } from './ledger.ts'
import { Refusal } from './refusal.ts'
import type { Remember, Runs } from './runs.ts'

/** A command on its turn. */
export interface Turn<Frame extends CommandFrame> {
  readonly runs: Runs
  readonly frame: Frame
  /** The principal that gave it. */
  readonly by: string
  readonly remember: Remember<CommandResult>
  /** How much may wait in the queue beyond its first message, in encoded bytes. */
  readonly queueBytes: number
  /** Whether a message of this id is, or was, in the session. */
  readonly isKnown: (message: string) => Promise<boolean>
  /** Takes the command on a later turn. */
  readonly again: (frame: Frame) => Promise<CommandResult>
}

/** What taking a command began: it has its place in the journal, and `stored` settles with its result. */
export interface Taken {
  readonly stored: Promise<CommandResult>
}

/** Decides what a command does, and begins it. Rejects with a Refusal where it does nothing. */
export async function takeCommand(turn: Turn<CommandFrame>): Promise<Taken> {
  const { frame } = turn
  switch (frame.type) {
    case 'send':
      return takeSend({ ...turn, frame, again: turn.again })
    case 'answer':
      return { stored: takeAnswer({ ...turn, frame }) }
    case 'stop':
      return { stored: takeStop({ ...turn, frame }) }
    case 'unqueue':
      return { stored: takeUnqueue({ ...turn, frame }) }
    default:
      return frame satisfies never
  }
}

async function takeSend(turn: Turn<SendFrame>): Promise<Taken> {
  const { runs, frame, by, remember, isKnown } = turn
  const { message, replaces, input } = frame
  if (message !== undefined && (await isKnown(message.id))) throw new Refusal('id_taken', `message ${message.id} is in the session already`)
  if (replaces !== undefined && !(await isKnown(replaces))) throw new Refusal('invalid', `there is no message ${replaces} to replace`)
  const verdict = decideSend(runs.ledger, frame, turn.queueBytes)
  switch (verdict.kind) {
    case 'start':
      return {
        stored: runs.start({ messages: verdict.messages, input, by, resume: verdict.resume, rewindFrom: verdict.rewindFrom }, remember),
      }
    case 'queue': {
      const { place, first } = verdict
      const stored = runs.queue({ message: verdict.message, input, by, first, place }, remember)
      const activity = activityOf(runs.ledger)
      if (verdict.stop && activity.kind === 'running') void runs.stop(activity.run, by, []).catch(() => undefined)
      return { stored }
    }
    case 'stop first':
      return { stored: stopFirst(turn) }
    case 'keep result':
      return {
        stored: runs.keep({ toolCallId: verdict.message.toolCallId, message: verdict.message, by }, { answered: true as const }, remember),
      }
    case 'refused':
      throw new Refusal(verdict.code, verdict.message)
    default:
      return verdict satisfies never
  }
}

/** Stops what runs or waits, and takes the send again when that is over, before anything that waits in the queue. */
async function stopFirst({ runs, frame, by, again }: Turn<SendFrame>): Promise<CommandResult> {
  const over = runs.hold()
  const activity = activityOf(runs.ledger)
  if (activity.kind === 'running') await runs.stop(activity.run, by, [])
  if (activity.kind === 'waiting') {
    const open = activity.open.map(({ id }) => id)
    await runs.cancelInterrupts(open, by, [])
  }
  await over
  try {
    return await again(frame)
  } finally {
    runs.release()
  }
}

async function takeAnswer({ runs, frame, by, remember }: Turn<AnswerFrame>): Promise<CommandResults['answer']> {
  const verdict = decideAnswer(runs.ledger, frame, by)
  switch (verdict.kind) {
    case 'keep': {
      const { interrupt, status, payload } = frame
      return runs.keep({ interrupt, status, ...(payload !== undefined && { payload }), by }, {}, remember)
    }
    case 'resume':
      return runs.resume(verdict.resume, by, remember)
    case 'refused':
      throw new Refusal(verdict.code, verdict.message)
    default:
      return verdict satisfies never
  }
}

async function takeStop({ runs, frame, by, remember }: Turn<StopFrame>): Promise<CommandResults['stop']> {
  const { unqueued, effect } = decideStop(runs.ledger, frame, runs.scope.runs, runs.scope.messages)
  switch (effect.kind) {
    case 'stop':
      return runs.stop(effect.run, by, unqueued, remember)
    case 'cancel interrupts':
      return runs.cancelInterrupts(effect.open, by, unqueued, remember)
    case 'stopping already':
    case 'nothing':
      return unqueued.length > 0
        ? runs.unqueue(unqueued, { stopped: true }, remember)
        : runs.remember({ stopped: false, reason: 'not_running' }, remember)
    default:
      return effect satisfies never
  }
}

async function takeUnqueue({ runs, frame, remember }: Turn<UnqueueFrame>): Promise<CommandResults['unqueue']> {
  const isQueued = runs.ledger.control.queue.some(({ message }) => message.id === frame.message)
  return isQueued ? runs.unqueue([frame.message], { removed: true }, remember) : runs.remember({ removed: false }, remember)
}
