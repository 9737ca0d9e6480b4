import type { CommandFrame, CommandResult, CommandResults } from '@throughline/sdk/protocol'
import type { Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import type { Conversation } from './conversation.ts'
import { digestOf } from './digest.ts'
import { Refusal } from './refusal.ts'
import type { Runs } from './runs.ts'
import { stopEverything } from './stop-everything.ts'
import { stoppingSends } from './stopping-sends.ts'
import { takeCommand } from './take-command.ts'

/** The commands of one session. Each has its effect once, however often it is given. */
export interface Commands {
  /** Carries a command out; settles when its effect is stored. Its place among the others is taken before this returns. */
  take(principal: string, frame: CommandFrame): Promise<CommandResult>
  /** Stops what runs, waits or is queued, whatever it is: nothing starts by itself after that. */
  stopAll(by: string): Promise<CommandResults['stop']>
  /** Whether any is under way. */
  isBusy(): boolean
}

/** What commands work with. */
export interface CommandsStart {
  readonly session: string
  readonly store: Store
  readonly timers: Timers
  readonly conversation: Conversation
  /** How much may wait in the queue beyond its first message, in encoded bytes. */
  readonly queueBytes: number
  /** What commands decide by must not change before their effects have their place in the journal: one after the other. */
  readonly inTurn: InTurn
  /** Whether the session takes no more work. */
  readonly isQuiet: () => boolean
}

/** Lets something be done to a session's runs on its turn; settles when what it began is stored. */
export type InTurn = <Result>(take: (runs: Runs) => Promise<{ readonly stored: Promise<Result> }>) => Promise<Result>

/** Begins with none under way. */
export function openCommands({ session, store, timers, conversation, queueBytes, inTurn, isQuiet }: CommandsStart): Commands {
  const underWay = new Map<string, { readonly digest: string; readonly answer: Promise<CommandResult> }>()
  const stopping = stoppingSends()

  async function carryOut(principal: string, frame: CommandFrame, digest: string): Promise<CommandResult> {
    const remember = (result: CommandResult) => ({ principal, id: frame.id, digest, result, at: timers.now() })
    const take = async (runs: Runs, later: CommandFrame) => {
      if (isQuiet()) throw new Refusal('unavailable', 'the session begins nothing new now: try again', { retryMs: 1000 })
      return takeCommand({ runs, frame: later, by: principal, remember, stoppingSends: stopping, queueBytes, conversation, again })
    }
    const again = (later: CommandFrame): Promise<CommandResult> => inTurn((runs) => take(runs, later))
    // Also the look at what was done before is part of the turn: it may take longer for one command than for the next.
    return inTurn(async (runs) => {
      const before = await store.command(session, principal, frame.id)
      if (before === undefined) return take(runs, frame)
      if (before.digest !== digest) throw idConflict(frame.id)
      return { stored: Promise.resolve(before.result as CommandResult) }
    })
  }

  return {
    async take(principal, frame) {
      // No id has a space.
      const key = `${principal} ${frame.id}`
      const digest = digestOf(frame)
      const same = underWay.get(key)
      if (same !== undefined) return same.digest === digest ? same.answer : Promise.reject(idConflict(frame.id))
      const answer = carryOut(principal, frame, digest)
      underWay.set(key, { digest, answer })
      try {
        return await answer
      } finally {
        underWay.delete(key)
      }
    },
    stopAll: (by) => inTurn((runs) => stopEverything(runs, stopping, by)),
    isBusy: () => underWay.size > 0,
  }
}

function idConflict(id: string): Refusal {
  return new Refusal('id_conflict', `command ${id} was given before with another body: a new command needs a new id`)
}
