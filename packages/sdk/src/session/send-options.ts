import type { CommandResults, RunOptions, WhenBusy } from '../protocol/index.ts'

/** What a send may say beside the message. */
export interface SendOptions {
  /** The id of the message and of the command, 1–128 of `[A-Za-z0-9._:-]`; the same id never takes effect twice. @default a new one */
  readonly id?: string | undefined
  /** What to do while a run is under way. @default 'queue' */
  readonly whenBusy?: WhenBusy | undefined
  /** Tools, context, state and props for the run, as in AG-UI. */
  readonly input?: RunOptions | undefined
  /** The first message that goes: it and all after it make room for this one. */
  readonly replaces?: string | undefined
}

/** A send took effect: a run started with it, or it waits at this place of the queue. */
export type SendResult = Exclude<CommandResults['send'], { readonly answered: true }>
