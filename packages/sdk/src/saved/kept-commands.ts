import type { CallServer } from '../call-server.ts'
import { SessionError } from '../errors.ts'
import type { CommandFrame } from '../protocol/index.ts'
import type { Replica } from '../session/replica.ts'
import type { CommandVerdict, SavedCommand, WaitingCommand } from '../session/saved-port.ts'
import { unsentCommand, type UnsentCommand } from '../session/unsent.ts'
import { hasTakenEffect } from './has-taken-effect.ts'
import type { SavedState } from './saved-state.ts'

/**
 * The commands that are kept: those that wait, and those that will not be sent, of which an app has still to be told. Several tabs may hold
 * one command, so its record decides. What is asked of one command is done one after the other.
 */
export interface KeptCommands {
  /** Those that wait, oldest first. The others are told by `tell`. */
  readonly load: () => Promise<readonly SavedCommand[]>
  readonly put: (command: SavedCommand) => Promise<void>
  readonly drop: (id: string) => Promise<void>
  readonly check: (command: WaitingCommand, past: Replica | undefined) => Promise<CommandVerdict>
  readonly reject: (command: SavedCommand, error: SessionError) => Promise<void>
  readonly tell: (session: string, listener: (unsent: UnsentCommand) => boolean) => void
}

/** What keeping commands needs. */
export interface KeptCommandsOptions {
  readonly saved: SavedState
  /** Does something with the storage; gives undefined where that fails. */
  readonly attempt: <Result>(act: () => Promise<Result>) => Promise<Result | undefined>
  readonly call: CallServer
}

/** A command that will not be sent, and why. */
interface Rejected {
  readonly frame: CommandFrame
  readonly error: NonNullable<SavedCommand['error']>
}

const EXPIRED: Rejected['error'] = { code: 'expired', message: 'it waited for a day' }

/** Begins with what is in the records. */
export function keepCommands({ saved, attempt, call }: KeptCommandsOptions): KeptCommands {
  const turns = new Map<string, Promise<unknown>>()
  const untold = new Set<Rejected>()

  /** Does something with the record of a command, after what was asked before: a slow storage might have an earlier thing win. */
  function inTurn<Result>(id: string, act: () => Promise<Result>): Promise<Result | undefined> {
    const turn = (turns.get(id) ?? Promise.resolve()).then(() => attempt(act))
    turns.set(id, turn)
    void turn.then(() => turns.get(id) === turn && turns.delete(id))
    return turn
  }

  /** Says whether no other tab was faster to tell it. Of a storage that fails nothing can be said: nothing shall be lost for that. */
  async function claim(id: string): Promise<boolean> {
    const before = await inTurn(id, () => saved.changeCommand(id, (command) => ({ ...command, told: true })))
    return before === undefined || (before !== 'gone' && !before.told)
  }

  async function reject({ frame }: Pick<SavedCommand, 'frame'>, { code, message }: Rejected['error']): Promise<void> {
    const error = { code, message }
    // First: who waits for the record waits only so long, and then has it told. The record decides who tells it.
    untold.add({ frame, error })
    await inTurn(frame.id, () => saved.changeCommand(frame.id, (command) => ({ ...command, error })))
  }

  async function tell(rejected: Rejected, listener: (unsent: UnsentCommand) => boolean): Promise<void> {
    const { frame, error } = rejected
    untold.delete(rejected)
    if (!(await claim(frame.id)) || listener(unsentCommand(frame, errorOf(error)))) return
    // Whoever listened is gone: the next one is told, on this page or on another.
    untold.add(rejected)
    await inTurn(frame.id, () => saved.changeCommand(frame.id, ({ told: _, ...command }) => command))
  }

  async function check(command: WaitingCommand, past: Replica | undefined): Promise<CommandVerdict> {
    const { frame, isRestored } = command
    const record = await inTurn(frame.id, () => saved.readCommand(frame.id))
    // One that this page gave may go in any case: what took effect has the same answer again.
    if (record === 'gone' && isRestored) return { kind: 'settled' }
    const error = record !== 'gone' && record?.error
    if (!error) return past ? lookUp(command, past) : { kind: 'send' }
    if (!isRestored) void drop(frame.id)
    else if (!record.told) untold.add({ frame, error })
    return { kind: 'rejected', error: errorOf(error) }
  }

  async function lookUp(command: WaitingCommand, past: Replica): Promise<CommandVerdict> {
    const { frame, isRestored } = command
    const tookEffect = await hasTakenEffect(frame, past, call)
    if (tookEffect === undefined) return { kind: 'wait' }
    if (isRestored && tookEffect) {
      void drop(frame.id)
      return { kind: 'settled' }
    }
    // Its app waits for its result. A stop is about what is under way, and must not go that late.
    if (tookEffect && (frame.type === 'send' || frame.type === 'answer')) return { kind: 'resend' }
    if (isRestored) await reject(command, EXPIRED)
    else void drop(frame.id)
    return { kind: 'rejected', error: errorOf(EXPIRED) }
  }

  function drop(id: string): Promise<void> {
    return inTurn(id, () => saved.dropCommand(id))
  }

  return {
    load: async () => {
      const commands = (await attempt(saved.loadCommands)) ?? []
      for (const { frame, error, told } of commands) if (error && !told) untold.add({ frame, error })
      return commands.filter(({ error }) => !error)
    },
    put: (command) => inTurn(command.frame.id, () => saved.putCommand(command)),
    drop,
    check,
    reject,
    tell: (session, listener) => {
      for (const rejected of untold) if (rejected.frame.session === session) void tell(rejected, listener)
    },
  }
}

function errorOf({ code, message }: Rejected['error']): SessionError {
  return new SessionError(code, message)
}
