import { SessionError } from '../errors.ts'
import { createListeners } from '../listeners.ts'
import type { CommandFrame, CommandResult, CommandResults, ContentPart, SentMessage } from '../protocol/index.ts'
import type { SessionEvent, ToolMessage, TranscriptMessage, UserMessage } from '../protocol/index.ts'
import { openAttachment, type Attachment } from './attachment.ts'
import { encodeCommand } from './encode-command.ts'
import { journaledCommands } from './journaled-commands.ts'
import { loadOlder } from './older-messages.ts'
import { regenerated } from './regenerated.ts'
import type { SendOptions, SendResult } from './send-options.ts'
import type { SessionEvents } from './session-events.ts'
import type { SessionPort } from './session-port.ts'
import type { SessionState } from './session-state.ts'
import { stopTarget } from './stop-target.ts'
import { Unseen } from './unseen.ts'
import { viewOf } from './view.ts'

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
          this.#listeners.emit('reset', frame.reason)
        }
        this.#changed()
      },
      onBatch: ({ from, to, events }, replayed) => {
        this.#state = undefined
        this.#observe(events)
        if (this.#listeners.has('event')) this.#tell(events, from, to, replayed)
        this.#changed()
      },
      onCaughtUp: () => {
        port.outbox.resume(id)
      },
      onPainted: () => {
        this.#unseen.dropShown(this.#attachment.replica().transcript)
        this.#changed()
      },
      onBlank: () => {
        this.#unseen.clear()
        this.#changed()
      },
      onLevel: () => {
        this.#changed(this.#unseen.dropSettled())
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
    // Later, so that a listener that is gone again at once takes nothing with it.
    if (name === 'unsent') void Promise.resolve().then(() => this.#tellUnsent())
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
    const target = stopTarget(this.state, this.#unseen.messages())
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
    return (this.#paging ??= this.#loadOlder(limit))
  }

  /** Follows the session again after a failure, or a pause. After `superseded` it takes the session back. */
  retry(): void {
    this.#attachment.retry()
    this.#changed()
  }

  /** Stops watching until `retry()`, the next command, or `client.session(id)`; the state stays as it is. Does nothing while commands wait, and says whether it did. */
  pause(): boolean {
    if (!this.#port.outbox.isEmpty(this.id)) return false
    this.#attachment.pause()
    return true
  }

  /**
   * Stops watching, for good; runs go on. Commands that wait are rejected with `closed`; those of an earlier page go out all the same. Listeners
   * are told the `failure` `closed`, and then nothing more; the state stays readable.
   */
  detach(): void {
    // It may have a successor of the same id by now.
    if (this.#attachment.failure()?.code === 'closed') return
    const { outbox } = this.#port
    outbox.dismiss(new SessionError('closed', `session ${this.id} was detached by the app`), this.id)
    this.end()
  }

  /** Detaches it whatever still waits. For the client. */
  end(): void {
    this.#attachment.end()
    this.#unseen.dropPending()
    this.#port.leave(this.id)
    this.#changed()
    this.#listeners.clear()
  }

  /** Ends a pause. For the client. */
  follow(): void {
    if (!this.#attachment.isFollowed() && !this.#attachment.failure()) this.retry()
  }

  /** Makes this the only view of the session that its user has. For the client. */
  claim(): void {
    this.#attachment.claim()
  }

  /** Takes up what an earlier page gave: sends it, and shows it until it is settled, or tells that it will not be sent. For the client. */
  takeUp(): void {
    const { outbox } = this.#port
    for (const { frame, settled } of outbox.restored(this.id)) {
      if (frame.type === 'send' && frame.message) this.#unseen.add(frame.message)
      this.#unseen.dropShown(this.#attachment.replica().transcript)
      this.#changed()
      void settled
        .then(
          // Without a result there is no event, either, that must still come.
          (result) => (result ? this.#unseen.settle(frame.id) : this.#unseen.drop(frame.id)),
          () => this.#unseen.drop(frame.id),
        )
        .then((isChange) => {
          this.#changed(isChange)
          this.#tellUnsent()
          this.#port.settled(this.id)
        })
    }
    const failure = this.#attachment.failure()
    if (failure) outbox.fail(failure, this.id)
    outbox.resume(this.id)
    this.#tellUnsent()
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
      this.#changed(this.#unseen.settle(id))
      return result as CommandResults['send']
    } catch (error) {
      this.#changed(this.#unseen.drop(id))
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
    this.follow()
    return this.#port.outbox.add(frame, encodeCommand(frame, this.#port.limits()))
  }

  /** Tells what will not be sent, if anybody listens. */
  #tellUnsent(): void {
    if (this.#listeners.has('unsent')) this.#port.saved?.tell(this.id, (unsent) => this.#listeners.emit('unsent', unsent))
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
    try {
      const messages = await loadOlder(this.id, this.#attachment, this.#port.call, limit)
      this.#changed(messages.length > 0)
      return messages
    } finally {
      this.#paging = undefined
    }
  }

  #changed(isChange = true): void {
    if (!isChange) return
    this.#state = undefined
    if (this.#listeners.has('change')) this.#listeners.emit('change', this.state)
  }
}
