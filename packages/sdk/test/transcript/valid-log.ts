import fc from 'fast-check'
import type { SessionEvent, Transcript } from '../../src/protocol/index.ts'
import { applyEvents, toAgUiMessages } from '../../src/transcript/index.ts'
import { EMPTY_TRANSCRIPT } from '../../src/protocol/index.ts'
import { activity, callsOf, custom, event, partsOf, result, runFinished, runStarted, snapshot, user } from './log.ts'
import { restated } from './restated.ts'

/** What a step of a log is made of: which kind it is, and numbers to choose among what is possible then. */
interface Choice {
  readonly kind: (typeof KINDS)[number]
  readonly one: number
  readonly two: number
  readonly word: string
}

const KINDS = [
  ...['text', 'text', 'more text', 'more text', 'end text', 'foreign text', 'thought', 'more thought', 'end thought'],
  ...['call', 'call', 'args', 'args', 'end call', 'result', 'result', 'replayed call', 'orphan', 'state', 'state patch', 'activity'],
  ...['activity patch', 'custom', 'step', 'subagent', 'encrypted', 'snapshot', 'next run', 'metadata'],
] as const

const choice: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constantFrom(...KINDS),
  one: fc.nat(1000),
  two: fc.nat(1000),
  word: fc.constantFrom('a', 'bc', 'd😀', ' ', '{}'),
})

/** Random logs that AG-UI's verifier accepts, each ended by RUN_FINISHED. */
export const validLog: fc.Arbitrary<readonly SessionEvent[]> = fc.array(choice, { maxLength: 50 }).map((choices) => {
  const writer = new LogWriter()
  for (const step of choices) writer.take(step)
  return writer.finish()
})

/** Writes a log that stays valid, whatever is chosen; what is not possible at the time is left out. */
class LogWriter {
  readonly #log: SessionEvent[] = []
  readonly #answered = new Set<string>()
  readonly #subagents: string[] = []
  #transcript: Transcript = EMPTY_TRANSCRIPT
  #ids = 0
  #run = ''
  #texts: string[] = []
  #openTexts: string[] = []
  #openThoughts: string[] = []
  #openCalls: string[] = []
  #pending: string[] = []

  constructor() {
    this.#startRun([user('u0', 'Hi')])
  }

  take({ kind, one, two, word }: Choice): void {
    switch (kind) {
      case 'text': {
        const closed = this.#texts.filter((id) => !this.#openTexts.includes(id))
        const id = one % 3 === 0 ? pick(closed, two) : undefined
        return this.#startText(id ?? this.#mint('m'), one % 4 === 1 ? { metadata: { a: two % 3 }, name: 'Ann' } : {}, word)
      }
      case 'foreign text':
        return this.#startText(this.#mint('f'), { role: ['user', 'system', 'developer'][one % 3] }, word)
      case 'more text':
        return this.#on(this.#standing(this.#openTexts), one, (messageId) => event('TEXT_MESSAGE_CONTENT', { messageId, delta: word }))
      case 'metadata':
        return this.#on(this.#standing(this.#openTexts), one, (messageId) =>
          event('TEXT_MESSAGE_CONTENT', { messageId, delta: word, metadata: { a: two, b: 1 } }),
        )
      case 'end text':
        return this.#close(this.#openTexts, one, (messageId) => event('TEXT_MESSAGE_END', { messageId }))
      case 'thought': {
        const messageId = this.#mint('t')
        this.#openThoughts.push(messageId)
        this.#write(event('REASONING_START', { messageId }), event('REASONING_MESSAGE_START', { messageId, role: 'reasoning' }))
        return this.#write(event('REASONING_MESSAGE_CONTENT', { messageId, delta: word }))
      }
      case 'more thought':
        return this.#on(this.#openThoughts, one, (messageId) => event('REASONING_MESSAGE_CONTENT', { messageId, delta: word }))
      case 'end thought':
        return this.#closeThought(one)
      case 'call': {
        const toolCallId = this.#mint('c')
        const own = pick(
          this.#texts.filter((id) => id.startsWith('m')),
          two,
        )
        const parent = [undefined, own, own, `${toolCallId}-message`][one % 4]
        this.#openCalls.push(toolCallId)
        const more = { ...(parent !== undefined && { parentMessageId: parent }), ...(two % 3 === 0 && { metadata: { b: two } }) }
        return this.#write(event('TOOL_CALL_START', { toolCallId, toolCallName: 'look', ...more }))
      }
      case 'args':
        return this.#on(this.#writable(), one, (toolCallId) => event('TOOL_CALL_ARGS', { toolCallId, delta: word }))
      case 'end call':
        return this.#close(this.#openCalls, one, (toolCallId) => event('TOOL_CALL_END', { toolCallId, metadata: { c: two } }))
      case 'result':
        return this.#on(this.#unanswered(), one, (toolCallId) => {
          this.#answered.add(toolCallId)
          return result(toolCallId, two % 5 === 0 ? [{ type: 'text', text: word }] : word)
        })
      case 'replayed call':
        return this.#on(
          this.#calls().filter((id) => !this.#openCalls.includes(id)),
          one,
          (toolCallId) => {
            this.#openCalls.push(toolCallId)
            return event('TOOL_CALL_START', { toolCallId, toolCallName: two % 2 === 0 ? 'look' : 'see' })
          },
        )
      case 'orphan':
        return one % 4 === 0 ? this.#write(result(this.#mint('o'), word)) : undefined
      case 'state':
        return this.#write(event('STATE_SNAPSHOT', { snapshot: { list: [one % 3], map: { x: word } } }))
      case 'state patch':
        return this.#write(event('STATE_DELTA', { delta: operations(one, two, word) }))
      case 'activity': {
        const more = [{}, { replace: false }, { metadata: { a: one } }][two % 3]
        return this.#write(activity(`p${one % 3}`, { list: [], map: {}, word }, more))
      }
      case 'activity patch':
        return this.#write(
          event('ACTIVITY_DELTA', {
            messageId: `p${one % 3}`,
            activityType: 'LIST',
            patch: operations(one, two, word),
            metadata: { b: two },
          }),
        )
      case 'custom':
        return this.#write(one % 2 === 0 ? custom('app/a', { id: 'x' }) : event('RAW', { event: word }))
      case 'step':
        return this.#write(event('STEP_STARTED', { stepName: this.#mint('s') }), event('STEP_FINISHED', { stepName: `s${this.#ids}` }))
      case 'subagent': {
        const subagentRunId = this.#mint('a')
        this.#subagents.push(subagentRunId)
        const messageId = this.#mint('m')
        this.#write(event('SUBAGENT_STARTED', { subagentRunId, name: 'helper' }), event('TEXT_MESSAGE_START', { messageId, subagentRunId }))
        this.#write(
          event('TEXT_MESSAGE_CONTENT', { messageId, delta: word, subagentRunId }),
          event('TEXT_MESSAGE_END', { messageId, subagentRunId }),
        )
        return this.#write(
          event('TOOL_CALL_START', { toolCallId: `${messageId}-call`, toolCallName: 'dig', subagentRunId }),
          event('TOOL_CALL_END', { toolCallId: `${messageId}-call` }),
        )
      }
      case 'encrypted': {
        // Of what is more than a text there is no part that could keep it.
        const messages = toAgUiMessages(this.#transcript).filter(
          ({ role, content }) => typeof content === 'string' || (role === 'tool' && content !== undefined),
        )
        const entityId = two % 2 === 0 ? pick(this.#calls(), one) : pick(messages, one)?.id
        if (entityId === undefined) return
        return this.#write(
          event('REASONING_ENCRYPTED_VALUE', { subtype: two % 2 === 0 ? 'tool-call' : 'message', entityId, encryptedValue: word }),
        )
      }
      case 'snapshot':
        return one % 3 === 0 ? this.#write(this.#snapshot(one, two, word)) : undefined
      case 'next run': {
        this.#endRun(one % 5)
        const answers = this.#pending.map((toolCallId) => ({ id: `${toolCallId}-answer`, role: 'tool', toolCallId, content: word }))
        const content =
          two % 2 === 0
            ? word
            : [
                { type: 'text', text: word },
                { type: 'image', source: { type: 'url', value: 'https://x/y' } },
              ]
        for (const id of this.#pending) this.#answered.add(id)
        return this.#startRun(answers.length > 0 ? answers : [user(this.#mint('u'), content)])
      }
      default:
        kind satisfies never
    }
  }

  finish(): readonly SessionEvent[] {
    this.#endRun(this.#ids % 5)
    return this.#log
  }

  #startRun(messages: readonly unknown[]): void {
    this.#run = this.#mint('r')
    this.#texts = []
    this.#pending = []
    this.#write(runStarted(this.#run, messages))
  }

  #endRun(how: number): void {
    while (this.#openTexts.length > 0) this.#close(this.#openTexts, 0, (messageId) => event('TEXT_MESSAGE_END', { messageId }))
    while (this.#openThoughts.length > 0) this.#closeThought(0)
    while (this.#openCalls.length > 0) this.#close(this.#openCalls, 0, (toolCallId) => event('TOOL_CALL_END', { toolCallId }))
    for (const subagentRunId of this.#subagents.splice(0)) this.#write(event('SUBAGENT_FINISHED', { subagentRunId }))
    if (how === 0) this.#pending = this.#unanswered()
    const outcomes = [
      { type: 'success', pendingToolCallIds: this.#pending },
      { type: 'interrupt', interrupts: [{ id: this.#mint('i'), reason: 'input' }] },
      { type: 'cancelled' },
    ]
    this.#write(runFinished(this.#run, how === 0 && this.#pending.length === 0 ? undefined : outcomes[how]))
  }

  #startText(messageId: string, more: Record<string, unknown>, word: string): void {
    this.#texts.push(messageId)
    this.#openTexts.push(messageId)
    this.#write(event('TEXT_MESSAGE_START', { messageId, ...more }), event('TEXT_MESSAGE_CONTENT', { messageId, delta: word }))
  }

  #closeThought(one: number): void {
    const messageId = take(this.#openThoughts, one)
    if (messageId !== undefined) this.#write(event('REASONING_MESSAGE_END', { messageId }), event('REASONING_END', { messageId }))
  }

  #snapshot(one: number, two: number, word: string): SessionEvent {
    const messages = restated(this.#transcript, { one, two, word, mint: (prefix) => this.#mint(prefix) })
    const metadata = [
      undefined,
      undefined,
      { '@ag-ui/client': { authoritativeActivityTypes: ['PLAN'] } },
      { '@ag-ui/client': { authoritativeActivityTypes: null } },
    ][two % 4]
    return snapshot(messages, metadata === undefined ? {} : { metadata })
  }

  #calls(): readonly string[] {
    return callsOf(this.#transcript)
  }

  #unanswered(): string[] {
    return this.#calls().filter((id) => !this.#answered.has(id) && !this.#openCalls.includes(id))
  }

  /** Those that no snapshot took away: in AG-UI's reducer a call can bring such a message back, and what is written goes on in it. */
  #standing(ids: readonly string[]): string[] {
    const open = partsOf(this.#transcript).filter((part) => 'open' in part)
    return ids.filter((id) => open.some((part) => part.id === id))
  }

  /** Open calls whose arguments go on: those of a replayed call are complete here, while AG-UI's reducer would append them again. */
  #writable(): string[] {
    const input = partsOf(this.#transcript).filter((part) => part.type === 'tool' && part.status === 'input')
    return this.#openCalls.filter((id) => input.some((part) => part.id === id))
  }

  #on(ids: readonly string[], one: number, make: (id: string) => SessionEvent): void {
    const id = pick(ids, one)
    if (id !== undefined) this.#write(make(id))
  }

  #close(ids: string[], one: number, make: (id: string) => SessionEvent): void {
    const id = take(ids, one)
    if (id !== undefined) this.#write(make(id))
  }

  #mint(prefix: string): string {
    this.#ids += 1
    return `${prefix}${this.#ids}`
  }

  #write(...events: readonly SessionEvent[]): void {
    this.#log.push(...events)
    this.#transcript = applyEvents(this.#transcript, events)
  }
}

function operations(one: number, two: number, word: string): readonly unknown[] {
  const all = [
    { op: 'add', path: '/list/-', value: word },
    { op: 'add', path: '/list/0', value: { n: one } },
    { op: 'remove', path: '/list/0' },
    { op: 'replace', path: '/map/x', value: two },
    { op: 'add', path: '/map/x', value: [word] },
    { op: 'move', from: '/map/x', path: '/y' },
    { op: 'copy', from: '/list', path: '/map/x' },
    { op: 'test', path: '/map/x', value: 'a' },
    { op: 'remove', path: '/y' },
  ]
  return [all[one % all.length], all[two % all.length]]
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % Math.max(1, items.length)]
}

function take<T>(items: T[], index: number): T | undefined {
  return items.splice(index % Math.max(1, items.length), 1)[0]
}
