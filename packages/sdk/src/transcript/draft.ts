import { PARTS_PER_MESSAGE, type Part, type Run, type Transcript, type TranscriptMessage } from '../protocol/transcript.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Fields of an object, where undefined means: without it. */
export type Fields<T> = { readonly [K in keyof T]?: T[K] | undefined }

/**
 * A transcript while a batch is applied to it. What the batch changes it copies first, once; the copies are its own until it is
 * done, and changed in place. So a batch of many tokens copies as much as one of a single token.
 */
export interface Draft {
  readonly transcript: Writable<Transcript>
  readonly owned: Set<object>
}

/** Where a part stands: good for one change. */
export interface Place<P extends Part = Part> {
  readonly message: number
  readonly index: number
  readonly part: P
}

type PartOf<Type extends Part['type']> = Extract<Part, { type: Type }>

/** Begins a batch. */
export function openDraft(transcript: Transcript): Draft {
  return { transcript: { ...transcript }, owned: new Set() }
}

/** Looks for the newest part of an id, from the end, where what still changes stands; with a run, among that run's messages only. */
export function findPart<Type extends Part['type']>(
  { transcript: { messages } }: Draft,
  type: Type,
  id: unknown,
  run?: Run,
  fits: (part: PartOf<Type>) => boolean = (part) => part.id === id,
): Place<PartOf<Type>> | undefined {
  for (let message = messages.length - 1; message >= 0; message--) {
    const { parts = [], run: owner } = messages[message] ?? {}
    // Messages stand in the order of their runs.
    if (run !== undefined && owner !== run.id) return undefined
    for (let index = parts.length - 1; index >= 0; index--) {
      const part = parts[index] as PartOf<Type>
      if (part.type === type && fits(part)) return { message, index, part }
    }
  }
  return undefined
}

/** Changes a part. */
export function editPart<P extends Part>(draft: Draft, { message, index, part }: Place<P>, fields: Fields<P>): void {
  const next = set(draft, part, fields)
  if (next !== part) ownParts(draft, message)[index] = next
}

/** Changes the last run. */
export function editRun(draft: Draft, fields: Fields<Run>): void {
  const { runs } = draft.transcript
  const run = runs.at(-1)
  const next = run && set(draft, run, fields)
  if (next !== undefined && next !== run) draft.transcript.runs = [...runs.slice(0, -1), next]
}

/** The messages, to be changed. */
export function ownMessages(draft: Draft): TranscriptMessage[] {
  return (draft.transcript.messages = own(draft, draft.transcript.messages) as TranscriptMessage[])
}

/** Adds a part to what the agent does in the active run; without one it has no place. */
export function addPart(draft: Draft, part: Part): void {
  const { messages } = draft.transcript
  const run = activeRun(draft)
  const last = messages.at(-1)
  if (run === undefined) return
  if (last?.role === 'assistant' && last.run === run.id && last.parts.length + (last.omitted ?? 0) < PARTS_PER_MESSAGE)
    ownParts(draft, messages.length - 1).push(part)
  else {
    const count = run.messages + 1
    editRun(draft, { messages: count })
    ownMessages(draft).push({ id: messageIdOf(run.id, count), role: 'assistant', run: run.id, parts: [part], ...('at' in part && { at: part.at }) })
  }
}

/** Removes a part, and its message where nothing is left of it. */
export function removePart(draft: Draft, { message, index }: Place): void {
  const parts = ownParts(draft, message)
  parts.splice(index, 1)
  if (parts.length > 0 || draft.transcript.messages[message]?.omitted !== undefined) return
  const [removed] = ownMessages(draft).splice(message, 1)
  const run = draft.transcript.runs.at(-1)
  if (run !== undefined && removed?.id === messageIdOf(run.id, run.messages)) editRun(draft, { messages: run.messages - 1 })
}

/** The run that is under way, running or asked to stop. Only the last one can be. */
export function activeRun({ transcript: { runs } }: Pick<Draft, 'transcript'>): Run | undefined {
  const last = runs.at(-1)
  return last !== undefined && isUnderWay(last) ? last : undefined
}

/** Whether a run has no terminal event yet. */
export function isUnderWay({ state: { status } }: Run): boolean {
  return status === 'running' || status === 'stopping'
}

/** An object of only those fields that are there. */
export function defined<T extends object>(fields: { readonly [K in keyof T]: undefined extends T[K] ? T[K] | undefined : {} extends Pick<T, K> ? T[K] | undefined : T[K] }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

function messageIdOf(run: string, count: number): string {
  return count === 1 ? run : `${run}.${count}`
}

function ownParts(draft: Draft, index: number): Part[] {
  const messages = ownMessages(draft)
  const message = own(draft, messages[index] as TranscriptMessage)
  messages[index] = message
  return (message.parts = own(draft, message.parts) as Part[])
}

/** The same object with other fields: a copy the first time, unless nothing differs. */
function set<T extends object>(draft: Draft, target: T, fields: Fields<T>): T {
  let next: Writable<T> = target
  for (const key of Object.keys(fields) as (keyof T)[]) {
    const value = fields[key]
    if (value === next[key]) continue
    next = own(draft, next)
    if (value === undefined) delete next[key]
    else next[key] = value
  }
  return next
}

/** The object or list itself where this batch made it, else a copy that is the batch's own. */
function own<T extends object>(draft: Draft, value: T): Writable<T> {
  if (draft.owned.has(value)) return value
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Writable<T>
  draft.owned.add(copy)
  return copy
}
