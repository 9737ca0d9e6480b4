import { SessionError } from '../errors.ts'
import { createListeners } from '../listeners.ts'
import type { CommandFrame, CommandResult, CommandResults, ContentPart, ResetReason, RunOptions, SentMessage } from '../protocol/index.ts'
import type { SessionEvent, ToolMessage, TranscriptMessage, UserMessage, WhenBusy } from '../protocol/index.ts'
import { openAttachment, type Attachment } from './attachment.ts'
import { encodeCommand } from './encode-command.ts'
import { journaledCommands } from './journaled-commands.ts'
import { regenerated } from './regenerated.ts'
import type { SessionPort } from './session-port.ts'
import type { SessionState } from './session-state.ts'
import { Unseen } from './unseen.ts'
import { viewOf } from './view.ts'

/** What a session tells its listeners. */
export interface SessionEvents {
  /** The state changed: once a batch. */
  change: [state: SessionState]
  /** Something happened: each event at most once, after the state has it. `replayed`: it happened before this client watched. */
  event: [event: SessionEvent, at: { readonly seq: number; readonly replayed: boolean }]
  /** A snapshot took the place of the events that led to it; those are not told. */
  reset: [reason: ResetReason]
  /** The session is not followed any more; `retry()` tries again. */
  failure: [error: SessionError]
}

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

/**
 * A conversation with an agent that outlives any connection. It follows its session until `detach()`, through every lost link,
 * and keeps what it has meanwhile. Commands wait for a link where there is none, and take effect at most once.
 */
export class Session {
  readonly id: string
  readonly #port: SessionPort
  readonly #attachment: Attachment
  readonly #unseen = new Unseen()
  readonly #listeners
  #state: SessionState | undefined
  #paging: Promise<readonly TranscriptMessage[]> | undefined

  /** Sessions are made by a client: `client.session(id)`, `client.create()`. */
  constructor(id: string, port: SessionPort) {
    this.id = id
    this.#port = port
    this.#listeners = createListeners<SessionEvents>(port.report)
    this.#attachment = openAttachment(id, port, {
      onAttached: (frame) => {
        this.#state = undefined
        if (!frame.resumed) {
          this.#unseen.dropSettled()
          this.#unseen.dropShown(frame.snapshot.transcript)
        }
        port.outbox.resume(id)
        if (!frame.resumed) this.#listeners.emit('reset', frame.reason)
        this.#changed()
      },
      onBatch: ({ from, to, events }, replayed) => {
        this.#state = undefined
        this.#observe(events)
        if (this.#listeners.has('event')) this.#tell(events, from, to, replayed)
        this.#changed()
      },
      onLevel: () => {
        if (this.#unseen.dropSettled()) this.#changed()
      },
      onFailure: (error) => {
        port.outbox.fail(error, id)
        this.#changed()
        this.#listeners.emit('failure', error)
      },
    })
    port.join(id, this.#attachment)
  }

  /** What a view needs. Immutable, and the same object until something changes. */
  get state(): SessionState {
    return (this.#state ??= viewOf(this.#attachment, this.#unseen.messages()))
  }

  /** The state, as a function that can be passed on, e.g. to React's useSyncExternalStore. */
  readonly getState = (): SessionState => this.state

  /** Calls back after each change; what comes back stops it. */
  readonly subscribe = (listener: () => void): (() => void) => this.on('change', () => listener())

  /** Adds a listener; what comes back removes it. What a listener throws goes to the client's `error`. */
  on<Name extends keyof SessionEvents>(name: Name, listener: (...args: SessionEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener)
  }

  /**
   * Sends a message. It is in `state.messages` at once; settles when the server has stored it. Rejects with a SessionError, e.g.
   * `busy`, `queue_full`, `too_large`, `forbidden`; without a link it waits.
   */
  async send(content: string | ContentPart[] | UserMessage, options: SendOptions = {}): Promise<SendResult> {
    const isContent = typeof content === 'string' || Array.isArray(content)
    const message: UserMessage = isContent ? { id: options.id ?? this.#port.mint(), role: 'user', content } : content
    return this.#send(message.id, message, options) as Promise<SendResult>
  }

  /** Puts another message in the place of one of the user's: it and all after it go. */
  edit(messageId: string, content: string | ContentPart[], options?: Omit<SendOptions, 'replaces'>): Promise<SendResult> {
    return this.send(content, { ...options, replaces: messageId })
  }

  /** Has the last question answered anew, or that of the given message. A busy session refuses, unless `whenBusy` is `interrupt`. */
  async regenerate(messageId?: string, options: Omit<SendOptions, 'replaces'> = {}): Promise<SendResult> {
    const { replaces, content } = regenerated(this.#attachment.replica().transcript.messages, messageId)
    if (content) return this.send(content, { ...options, replaces })
    return this.#send(options.id ?? this.#port.mint(), undefined, { ...options, replaces }) as Promise<SendResult>
  }

  /** Answers an open interrupt. Rejects with `interrupt_closed` where somebody was faster, `answer_invalid` where the payload does not fit. */
  async answer(
    interruptId: string,
    payload?: unknown,
    { status = 'resolved' }: { readonly status?: 'resolved' | 'cancelled' } = {},
  ): Promise<CommandResults['answer']> {
    const frame = { type: 'answer', ...this.#address(), interrupt: interruptId, status } as const
    return this.#give(payload === undefined ? frame : { ...frame, payload }) as Promise<CommandResults['answer']>
  }

  /** Gives the result of a frontend tool that the last run left open. */
  async toolResult(
    toolCallId: string,
    content: ToolMessage['content'],
    { error, ...options }: Pick<SendOptions, 'id' | 'input'> & { readonly error?: string | undefined } = {},
  ): Promise<CommandResults['send']> {
    const id = options.id ?? this.#port.mint()
    return this.#send(id, { id, role: 'tool', toolCallId, content, ...(error !== undefined && { error }) }, options)
  }

  /**
   * Stops what is under way: the run that is seen now, or the message just sent, and never a later one. With `queue`, all that
   * waits is taken back too. Rejects with `unavailable` before the session has been loaded.
   */
  async stop({ queue = false }: { readonly queue?: boolean } = {}): Promise<CommandResults['stop']> {
    const { status, runs, interrupts, queue: waiting } = this.state
    const run = status === 'waiting' ? interrupts[0]?.run : status === 'idle' ? undefined : runs.at(-1)?.id
    const message = waiting[0]?.message.id ?? this.#unseen.messages()[0]?.id
    const target = run !== undefined ? { run } : message !== undefined ? { message } : undefined
    if (target)
      return this.#give({ type: 'stop', ...this.#address(), ...target, ...(queue && { queue }) }) as Promise<CommandResults['stop']>
    if (this.#attachment.replica().cursor === undefined)
      throw new SessionError('unavailable', `session ${this.id} has not been loaded yet, so nothing is known that could be stopped`)
    return { stopped: false, reason: 'not_running' }
  }

  /** Takes back a message that waits in the queue. */
  async unqueue(messageId: string): Promise<CommandResults['unqueue']> {
    return this.#give({ type: 'unqueue', ...this.#address(), message: messageId }) as Promise<CommandResults['unqueue']>
  }

  /** Loads messages from before the first one, and puts them before it. Gives those it loaded: none where `state.more` is false. */
  older(limit = 50): Promise<readonly TranscriptMessage[]> {
    return (this.#paging ??= this.#loadOlder(limit).finally(() => {
      this.#paging = undefined
    }))
  }

  /** Follows the session again after a failure. */
  retry(): void {
    this.#attachment.retry()
    this.#changed()
  }

  /** Stops watching, for good; runs go on. The state stays readable, listeners hear no more, and commands that wait are rejected with `closed`. */
  detach(): void {
    this.#attachment.end()
    const error = this.#attachment.failure()
    if (error) this.#port.outbox.fail(error, this.id)
    this.#listeners.clear()
    this.#port.leave(this.id)
  }

  async #send(id: string, message: SentMessage | undefined, options: SendOptions): Promise<CommandResults['send']> {
    const { whenBusy, input, replaces } = options
    const settled = this.#give({
      type: 'send',
      id,
      session: this.id,
      ...(message && { message }),
      ...(whenBusy && { whenBusy }),
      ...(input && { input }),
      ...(replaces !== undefined && { replaces }),
    })
    if (message?.role === 'user') this.#unseen.add(message)
    this.#changed()
    try {
      const result = await settled
      if (this.#unseen.settle(id)) this.#changed()
      return result as CommandResults['send']
    } catch (error) {
      if (this.#unseen.drop(id)) this.#changed()
      throw error
    }
  }

  #address(): { readonly id: string; readonly session: string } {
    return { id: this.#port.mint(), session: this.id }
  }

  /** Gives a command to the outbox; throws where it can never take effect. */
  #give(frame: CommandFrame): Promise<CommandResult> {
    const connection = this.#port.state()
    const failure = connection.status === 'closed' ? connection.reason : this.#attachment.failure()
    if (failure) throw failure
    return this.#port.outbox.add(frame, encodeCommand(frame, this.#port.limits()))
  }

  #tell(events: readonly SessionEvent[], from: number, to: number, replayed: boolean): void {
    const isMerged = events.length <= to - from
    for (const [index, event] of events.entries()) this.#listeners.emit('event', event, { seq: isMerged ? to : from + index, replayed })
  }

  #observe(events: readonly SessionEvent[]): void {
    // Most batches are tokens that nobody here has asked for just now.
    if (this.#port.outbox.isEmpty() && this.#unseen.isEmpty()) return
    const { queue } = this.#attachment.replica().transcript
    for (const [id, result] of events.flatMap((event) => journaledCommands(event, queue))) {
      this.#unseen.drop(id)
      this.#port.outbox.observe(this.id, id, result)
    }
  }

  async #loadOlder(limit: number): Promise<readonly TranscriptMessage[]> {
    const { more, transcript } = this.#attachment.replica()
    const [first] = transcript.messages
    if (!more || !first) return []
    const path = `/sessions/${encodeURIComponent(this.id)}/messages?before=${encodeURIComponent(first.id)}&limit=${limit}`
    const page = (await this.#port.call('GET', path)) as { readonly messages: readonly TranscriptMessage[]; readonly more: boolean }
    // A snapshot may have come meanwhile, and the page would not end where its messages begin.
    if (this.#attachment.replica().transcript.messages[0]?.id !== first.id) return this.#loadOlder(limit)
    this.#attachment.addOlder(page.messages, page.more)
    this.#changed()
    return page.messages
  }

  #changed(): void {
    this.#state = undefined
    if (this.#listeners.has('change')) this.#listeners.emit('change', this.state)
  }
}
