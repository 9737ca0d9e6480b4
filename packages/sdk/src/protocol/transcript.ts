import type { Cursor } from './cursor.ts'
import type { ContentPart, Interrupt, RunOptions, TokenUsage, UserMessage } from './events.ts'

/** Text that a person or an agent wrote. */
export interface TextPart {
  readonly type: 'text'
  /** The AG-UI message id that the text belongs to; in content of several parts, the content part's own id where it has one. */
  readonly id: string
  readonly text: string
  /** Present while more may come. */
  readonly open?: true
  /** When it began and ended, by the server's clock, in milliseconds since the epoch; as in other parts. */
  readonly at?: number
  readonly endedAt?: number
  /** The run id of the subagent that made it; as in other parts. */
  readonly subagent?: string
  /** Of an agent's text, the name it gave itself. */
  readonly name?: string
  readonly encryptedValue?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What an agent thought before it spoke or acted. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  /** The AG-UI message id of the reasoning. */
  readonly id: string
  readonly text: string
  readonly open?: true
  readonly at?: number
  readonly endedAt?: number
  readonly subagent?: string
  readonly encryptedValue?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/**
 * Where a tool call stands. `input`: its arguments arrive; `running`: they are complete; `done`: it has a result; `cancelled`,
 * `interrupted`: its run ended before the result.
 */
export type ToolStatus = 'input' | 'running' | 'done' | 'cancelled' | 'interrupted'

/** A tool call with its arguments and, later, its result, in one place. */
export interface ToolPart {
  readonly type: 'tool'
  /** The tool call id. */
  readonly id: string
  /** Empty where a result came for a call that nobody announced. */
  readonly name: string
  /** The arguments as text, usually JSON; partial while `status` is `input`. */
  readonly args: string
  readonly status: ToolStatus
  /** The AG-UI message that holds the call, where the agent said so. */
  readonly parent?: string
  readonly result?: ToolResult
  /** `args` were cut for the snapshot; the whole value is to be had by page. */
  readonly truncated?: true
  readonly at?: number
  readonly endedAt?: number
  readonly subagent?: string
  readonly encryptedValue?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What a tool returned. */
export interface ToolResult {
  /** The AG-UI id of the tool message. */
  readonly id: string
  readonly content: string | readonly ContentPart[]
  /** `content` was cut for the snapshot; the whole value is to be had by page. */
  readonly truncated?: true
  /** Why the tool failed, where a frontend tool said so. */
  readonly error?: string
  readonly subagent?: string
  readonly encryptedValue?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** Progress that an agent shows in its own shape. */
export interface ActivityPart {
  readonly type: 'activity'
  readonly id: string
  readonly activityType: string
  readonly content: Readonly<Record<string, unknown>>
  readonly at?: number
  readonly subagent?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** An image, sound, film or document of a message. */
export interface FilePart {
  readonly type: 'file'
  readonly media: 'image' | 'audio' | 'video' | 'document'
  readonly source: Exclude<ContentPart, { type: 'text' }>['source']
  readonly id?: string
  readonly metadata?: unknown
}

/** An app's CUSTOM event that has its place in the timeline: one whose value is an object with an `id`. Later ones of that name and id replace it. */
export interface DataPart {
  readonly type: 'data'
  readonly id: string
  readonly name: string
  readonly value: unknown
  readonly at?: number
  readonly subagent?: string
}

/** One piece of a message, in the order of its first event. */
export type Part = TextPart | ReasoningPart | ToolPart | ActivityPart | FilePart | DataPart

/**
 * One message. A user's has the id its client gave it. All that an agent does in one run is one message with the run's id, its
 * parts in order; a new one (`<run>.2`, `<run>.3`…) begins after {@link PARTS_PER_MESSAGE} parts, or where the agent wrote in
 * another role in between.
 */
export interface TranscriptMessage {
  readonly id: string
  readonly role: 'user' | 'assistant' | 'system' | 'developer'
  /** The run it belongs to. */
  readonly run?: string
  readonly parts: readonly Part[]
  /** When it began, by the server's clock, in milliseconds since the epoch. */
  readonly at?: number
  /** The principal that sent it. */
  readonly by?: string
  /** The run id of the subagent that wrote it. */
  readonly subagent?: string
  readonly name?: string
  readonly encryptedValue?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  /** The beginning was left out of the snapshot; the whole message is to be had by page. */
  readonly cut?: true
  /** Of a `cut` message, how many of its first parts were left out; absent where none was. */
  readonly omitted?: number
}

/** A subagent at work in a run. */
export interface Subagent {
  readonly id: string
  readonly name: string
  readonly status: 'running' | 'success' | 'suspended' | 'error'
  readonly description?: string
  readonly parent?: string
  readonly toolCallId?: string
  readonly message?: string
  readonly result?: unknown
}

/** Where a run stands: what only some states have is there only in those. */
export type RunState =
  | { readonly status: 'running' }
  | { readonly status: 'stopping'; readonly stoppedBy: string }
  | { readonly status: 'success'; readonly endedAt?: number; readonly result?: unknown; readonly pendingToolCallIds?: readonly string[] }
  | { readonly status: 'interrupt'; readonly endedAt?: number }
  | { readonly status: 'cancelled'; readonly endedAt?: number }
  | { readonly status: 'error'; readonly endedAt?: number; readonly code?: string; readonly message: string }

/** One run of the agent. */
export interface Run {
  readonly id: string
  readonly state: RunState
  /** How many assistant messages it has, which names the next. */
  readonly messages: number
  readonly at?: number
  readonly by?: string
  /** The interrupted run that this one takes up. */
  readonly resumes?: string
  readonly usage?: readonly TokenUsage[]
  /** Steps under way. */
  readonly steps?: readonly { readonly name: string; readonly subagent?: string }[]
  readonly subagents?: readonly Subagent[]
}

/** A message that waits for its turn. */
export interface QueuedMessage {
  readonly message: UserMessage
  readonly input?: RunOptions
  readonly by: string
  readonly at?: number
}

/** A question that an agent waits for; `answer` where it is answered and others of its run are not. */
export interface OpenInterrupt extends Interrupt {
  readonly run: string
  readonly answer?: { readonly status: 'resolved' | 'cancelled'; readonly payload?: unknown; readonly by: string }
}

/** The fold of a journal, or of its newest part: what a person sees. Immutable; what an event did not touch keeps its identity. */
export interface Transcript {
  readonly messages: readonly TranscriptMessage[]
  /** The runs of these messages, oldest first; the last is the active one, or the one that ended last. */
  readonly runs: readonly Run[]
  readonly queue: readonly QueuedMessage[]
  readonly interrupts: readonly OpenInterrupt[]
  /** The AG-UI agent state; absent until an agent sets it. */
  readonly agentState?: unknown
  /** The last value of each app CUSTOM event by name, the one set longest ago first: at most 64, and 256 KiB. */
  readonly custom: Readonly<Record<string, unknown>>
}

/** A transcript and the cursor that it is valid through. */
export interface Snapshot {
  readonly cursor: Cursor
  /** Whether there are older messages, to be had by page. */
  readonly more: boolean
  readonly transcript: Transcript
}

/** How many parts a message of a run has before the next one begins. */
export const PARTS_PER_MESSAGE = 128

/** How many app CUSTOM names `custom` keeps. */
export const CUSTOM_NAMES = 64

/** How large these may be together, each as the JSON of `[name, value]` in UTF-8 bytes. The newest stays, however large it is. */
export const CUSTOM_BYTES = 256 * 1024

/** The transcript of an empty journal. */
export const EMPTY_TRANSCRIPT: Transcript = { messages: [], runs: [], queue: [], interrupts: [], custom: {} }
