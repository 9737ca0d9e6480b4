import type {
  AnswerFrame,
  CommandFrame,
  CommandResult,
  CommandResults,
  SendFrame,
  SessionEvent,
  StopFrame,
  UnqueueFrame,
} from '@throughline/sdk/protocol'
import type { Conversation } from './conversation.ts'
import { decideAnswer } from './decide-answer.ts'
import { decideSend } from './decide-send.ts'
import { decideStop } from './decide-stop.ts'
import { activityOf } from './ledger.ts'
import { Refusal } from './refusal.ts'
import type { Remember, Runs } from './runs.ts'
import type { StoppingSends } from './stopping-sends.ts'

/** A command on its turn. */
export interface Turn<Frame extends CommandFrame> {
  readonly runs: Runs
  readonly frame: Frame
  /** The principal that gave it. */
  readonly by: string
  readonly remember: Remember<CommandResult>
  readonly stoppingSends: StoppingSends
  /** How much may wait in the queue beyond its first message, in encoded bytes. */
  readonly queueBytes: number
  readonly conversation: Conversation
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
  const { runs, frame, by, remember, stoppingSends, conversation } = turn
  const { message, replaces, input } = frame
  if (stoppingSends.isTakenBack(frame)) throw new Refusal('busy', 'a stop took it back before the run that it waited for was over')
  if (message !== undefined && (isOnItsWay(runs, message.id) || (await conversation.isTaken(message.id))))
    throw new Refusal('id_taken', `message ${message.id} is in the session already`)
  // Only one that is there: a rewind to one that is not, were it on its way, would take everything.
  if (replaces !== undefined && !(await conversation.has(replaces)))
    throw new Refusal('invalid', `there is no message ${replaces} to replace; one that waits is taken back by unqueue`)
  const verdict = decideSend(runs.commits.ledger, frame, turn.queueBytes, stoppingSends.isWaiting())
  switch (verdict.kind) {
    case 'start':
      stoppingSends.started(frame)
      return {
        stored: runs.start({ messages: verdict.messages, input, by, resume: verdict.resume, rewindFrom: verdict.rewindFrom }, remember),
      }
    case 'queue': {
      const queued = { message: verdict.message, ...(input !== undefined && { input }), by, ...(verdict.first && { first: true }) }
      const stored = commit(turn, [runs.commits.own('throughline/queued', queued)], { queued: verdict.place })
      const activity = activityOf(runs.commits.ledger)
      if (verdict.stop && activity.kind === 'running') void runs.stop(activity.run, by, []).catch(() => undefined)
      return { stored }
    }
    case 'stop first':
      return { stored: stoppingSends.wait(frame, { stopFirst: () => stopFirst(turn), again: () => turn.again(frame) }) }
    case 'keep result': {
      const answered = { toolCallId: verdict.message.toolCallId, message: verdict.message, by }
      return { stored: commit(turn, [runs.commits.own('throughline/answered', answered)], { answered: true as const }) }
    }
    case 'refused':
      throw new Refusal(verdict.code, verdict.message)
    default:
      return verdict satisfies never
  }
}

/** Whether a message of this id waits, or is what the execution under way began with: the store may not have it yet. */
function isOnItsWay({ scope, commits: { ledger } }: Runs, message: string): boolean {
  const kept = ledger.toolResults.some(({ id }) => id === message)
  return kept || scope.messages.includes(message) || ledger.control.queue.some((queued) => queued.message.id === message)
}

/** Stops what runs or waits, and takes the send again when that is over, before anything that waits in the queue. */
async function stopFirst({ runs, frame, by, again }: Turn<SendFrame>): Promise<CommandResult> {
  const over = runs.hold()
  const activity = activityOf(runs.commits.ledger)
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

async function takeAnswer(turn: Turn<AnswerFrame>): Promise<CommandResults['answer']> {
  const { runs, frame, by, remember } = turn
  const verdict = decideAnswer(runs.commits.ledger, frame, by)
  switch (verdict.kind) {
    case 'keep': {
      const { interrupt, status, payload } = frame
      return commit(
        turn,
        [runs.commits.own('throughline/answered', { interrupt, status, ...(payload !== undefined && { payload }), by })],
        {},
      )
    }
    case 'resume':
      return runs.resume(verdict.resume, by, remember)
    case 'refused':
      throw new Refusal(verdict.code, verdict.message)
    default:
      return verdict satisfies never
  }
}

async function takeStop(turn: Turn<StopFrame>): Promise<CommandResults['stop']> {
  const { runs, frame, by, remember, stoppingSends } = turn
  const tookBack = stoppingSends.takeBack(frame)
  const { unqueued, effect } = decideStop(runs.commits.ledger, frame, runs.scope.runs, runs.scope.messages)
  switch (effect.kind) {
    case 'stop':
      return runs.stop(effect.run, by, unqueued, remember)
    case 'cancel interrupts':
      return runs.cancelInterrupts(effect.open, by, unqueued, remember)
    case 'stopping already':
    case 'nothing':
      return commit(
        turn,
        unqueue(runs, unqueued),
        tookBack || unqueued.length > 0 ? { stopped: true } : { stopped: false, reason: 'not_running' },
      )
    default:
      return effect satisfies never
  }
}

async function takeUnqueue(turn: Turn<UnqueueFrame>): Promise<CommandResults['unqueue']> {
  const { runs, frame } = turn
  const removed = runs.commits.ledger.control.queue.some(({ message }) => message.id === frame.message)
  return commit(turn, removed ? unqueue(runs, [frame.message]) : [], { removed })
}

/** Journals what a command does, and remembers that it did, so that a retry is answered alike; also where it does nothing. */
async function commit<Result extends CommandResult>(
  turn: Pick<Turn<CommandFrame>, 'runs' | 'remember'>,
  events: readonly SessionEvent[],
  result: Result,
): Promise<Result> {
  await turn.runs.commits.commit(events, turn.remember(result))
  return result
}

function unqueue(runs: Runs, messages: readonly string[]): SessionEvent[] {
  return messages.map((message) => runs.commits.own('throughline/unqueued', { message }))
}
