import type { Message, OpenInterrupt, Run, Transcript, TranscriptMessage } from '../../src/protocol/index.ts'

export type Plain<T> = { -readonly [K in keyof T]: T[K] }

export type PlainMessage = Plain<Omit<TranscriptMessage, 'parts'>> & { parts: PlainPart[] }

/** A part of any type, with whichever fields it has. */
export interface PlainPart {
  type: string
  id: string
  text?: string
  open?: true
  status?: string
  args?: string
  name?: string
  parent?: string
  content?: unknown
  result?: { id: string; encryptedValue?: string }
  activityType?: string
  encryptedValue?: string
  at?: number
  endedAt?: number
  subagent?: string
  metadata?: object
}

export interface PlainTranscript extends Plain<Omit<Transcript, 'messages' | 'runs' | 'queue' | 'interrupts'>> {
  messages: PlainMessage[]
  runs: Plain<Run>[]
  queue: Transcript['queue'][number][]
  interrupts: OpenInterrupt[]
}

/** An event of any type, with every field that the rules name. */
export interface Told {
  readonly type: string
  readonly timestamp?: number
  readonly subagentRunId?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly encryptedValue?: string
  readonly runId?: string
  readonly input?: { readonly state?: unknown; readonly messages?: readonly Message[] }
  readonly outcome?: { readonly type: string; readonly interrupts?: readonly OpenInterrupt[]; readonly pendingToolCallIds?: string[] }
  readonly result?: unknown
  readonly usage?: Run['usage']
  readonly message?: string
  readonly code?: string
  readonly messageId?: string
  readonly role?: string
  readonly name?: string
  readonly delta?: unknown
  readonly toolCallId?: string
  readonly toolCallName?: string
  readonly parentMessageId?: string
  readonly content?: unknown
  readonly snapshot?: unknown
  readonly messages?: readonly Message[]
  readonly activityType?: string
  readonly replace?: boolean
  readonly patch?: unknown
  readonly subtype?: string
  readonly entityId?: string
  readonly stepName?: string
  readonly description?: string
  readonly parentSubagentRunId?: string
  readonly parentToolCallId?: string
  readonly value?: unknown
}

/** The last run, if it has not ended. */
export function activeRun({ runs }: PlainTranscript): Plain<Run> | undefined {
  const last = runs.at(-1)
  return last?.state.status === 'running' || last?.state.status === 'stopping' ? last : undefined
}

/** All parts, from the last of the last message on. */
export function backwards({ messages }: PlainTranscript): PlainPart[] {
  return messages.flatMap(({ parts }) => parts).toReversed()
}

/** The part of an id. */
export function newest(t: PlainTranscript, type: string, id: string | undefined): PlainPart | undefined {
  return backwards(t).find((part) => part.type === type && part.id === id)
}

/** Adds a part to the active run. */
export function addPart(t: PlainTranscript, e: Told, part: PlainPart): void {
  const run = activeRun(t)
  if (run === undefined) return
  if (part.text === '' && part.open === undefined && part.encryptedValue === undefined) return
  const at = e.timestamp === undefined ? {} : { at: e.timestamp }
  const timed = { ...at, ...part }
  const last = t.messages.at(-1)
  if (last?.role === 'assistant' && last.run === run.id && last.parts.length + (last.omitted ?? 0) < 128) last.parts.push(timed)
  else {
    run.messages += 1
    const id = run.messages === 1 ? run.id : `${run.id}.${run.messages}`
    t.messages.push({ id, role: 'assistant', run: run.id, parts: [timed], ...at })
  }
}

/** What an event or a message tells of what it makes. */
export function told({
  subagentRunId,
  metadata,
  encryptedValue,
}: Pick<Told, 'subagentRunId' | 'metadata' | 'encryptedValue'>): Partial<PlainPart> {
  return {
    ...(subagentRunId !== undefined && { subagent: subagentRunId }),
    ...(metadata !== undefined && { metadata }),
    ...(encryptedValue !== undefined && { encryptedValue }),
  }
}

/** Puts the metadata of an event over that of a part. */
export function mergeMetadata(part: PlainPart, { metadata }: Told): void {
  if (metadata !== undefined) part.metadata = { ...part.metadata, ...metadata }
}

/** Closes text or reasoning. */
export function close(t: PlainTranscript, part: PlainPart, at: number | undefined): void {
  if (part.text === '' && part.encryptedValue === undefined) return remove(t, part)
  delete part.open
  delete part.endedAt
  if (at !== undefined) part.endedAt = at
}

/** Removes a part, and its message where nothing is left of it. */
export function remove(t: PlainTranscript, part: PlainPart): void {
  const message = t.messages.find(({ parts }) => parts.includes(part))
  if (message === undefined) return
  message.parts = message.parts.filter((one) => one !== part)
  if (message.parts.length > 0 || message.omitted !== undefined) return
  t.messages = t.messages.filter((one) => one !== message)
  const last = t.runs.at(-1)
  if (last !== undefined && message.id === (last.messages === 1 ? last.id : `${last.id}.${last.messages}`)) last.messages -= 1
}

/** Gives a call its result; says whether there is such a call. */
export function setResult(t: PlainTranscript, id: string | undefined, result: { id: string }, at: number | undefined): boolean {
  const part = newest(t, 'tool', id)
  if (part === undefined) return false
  Object.assign(part, { status: 'done', result })
  delete part.endedAt
  if (at !== undefined) part.endedAt = at
  return true
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
