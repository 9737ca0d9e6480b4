import { PARTS_PER_MESSAGE, type Part, type Run, type Transcript, type TranscriptMessage } from '../protocol/transcript.ts'
import { defined, type Given } from './defined.ts'
import { sameJson } from './same-json.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Fields of an object, where undefined means: without it. */
type Fields<T> = { readonly [K in keyof T]?: T[K] | undefined }

type PartOf<Type extends Part['type']> = Extract<Part, { type: Type }>

/** What becomes of a part: other fields, nothing (null), or no change (undefined, false). */
export type Edit<P extends Part> = (part: P, owner: TranscriptMessage) => Fields<P> | null | undefined | false

/**
 * A transcript while a batch is applied to it. What the batch changes it copies first, once; the copies are its own until it is
 * done, and changed in place. So a batch of many tokens copies as much as one of a single token.
 */
export interface Draft {
  readonly transcript: Writable<Transcript>
  readonly owned: Set<object>
}

/** Begins a batch. */
export function openDraft(transcript: Transcript): Draft {
  return { transcript: { ...transcript }, owned: new Set() }
}

/** Edits the newest part of an id that the edit accepts, and merges the event's metadata into it; says whether there is one. */
export function editPart<Type extends Part['type']>(
  draft: Draft,
  type: Type,
  id: unknown,
  edit: Edit<PartOf<Type>>,
  { metadata }: { readonly metadata?: object } = {},
): boolean {
  return editParts(draft, true, (part, owner) => {
    const fields = part.type === type && part.id === id && edit(part as PartOf<Type>, owner)
    return fields && metadata ? { ...fields, metadata: { ...(part as PartOf<'text'>).metadata, ...metadata } } : fields
  })
}

/** Goes through the parts from the end, where what still changes stands, and edits the first that the edit accepts, or all such. */
export function editParts(draft: Draft, once: boolean, edit: Edit<Part>): boolean {
  const { messages } = draft.transcript
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index] as TranscriptMessage
    for (let at = message.parts.length - 1; at >= 0; at--) {
      const part = message.parts[at] as Part
      const fields = edit(part, message)
      if (fields === null) removePart(draft, index, at)
      else if (fields) {
        const next = set(draft, part, fields)
        if (next !== part) ownParts(draft, index)[at] = next
      } else continue
      if (once) return true
    }
  }
  return false
}

/** Adds a part to what the agent does in the active run; without one it has no place. */
export function addPart(draft: Draft, part: Part, at: number | undefined): void {
  const { messages } = draft.transcript
  const run = activeRun(draft.transcript)
  const last = messages.at(-1)
  if (run === undefined || typeof part.id !== 'string' || isBlank(part)) return
  const timed = at === undefined ? part : { at, ...part }
  if (last?.role === 'assistant' && last.run === run.id && last.parts.length + (last.omitted ?? 0) < PARTS_PER_MESSAGE)
    ownParts(draft, messages.length - 1).push(timed)
  else {
    const count = run.messages + 1
    const id = messageIdOf(run.id, count)
    editRun(draft, { messages: count })
    ownMessages(draft).push(defined<TranscriptMessage>({ id, role: 'assistant', run: run.id, parts: [timed], at }))
  }
}

/** Changes the last run. */
export function editRun({ transcript }: Draft, fields: Fields<Run>): void {
  const { runs } = transcript
  transcript.runs = [...runs.slice(0, -1), ...runs.slice(-1).map((run) => defined<Run>({ ...run, ...fields } as Given<Run>))]
}

/** The run that is under way, running or asked to stop. Only the last one can be. */
export function activeRun({ runs }: Transcript): Run | undefined {
  return runs.slice(-1).find(isUnderWay)
}

/** Whether a run has no terminal event yet. */
export function isUnderWay({ state: { status } }: Run): boolean {
  return status === 'running' || status === 'stopping'
}

/** The messages, to be changed. */
export function ownMessages(draft: Draft): TranscriptMessage[] {
  return (draft.transcript.messages = own(draft, draft.transcript.messages))
}

function ownParts(draft: Draft, index: number): Part[] {
  const messages = ownMessages(draft)
  const message = (messages[index] = own(draft, messages[index] as TranscriptMessage))
  return (message.parts = own(draft, message.parts))
}

/** Removes a part, and its message where nothing is left of it. */
function removePart(draft: Draft, message: number, index: number): void {
  const parts = ownParts(draft, message)
  parts.splice(index, 1)
  if (parts.length > 0 || draft.transcript.messages[message]?.omitted !== undefined) return
  const [removed] = ownMessages(draft).splice(message, 1)
  const run = draft.transcript.runs.at(-1)
  if (run !== undefined && removed?.id === messageIdOf(run.id, run.messages)) editRun(draft, { messages: run.messages - 1 })
}

/** Whether a part says nothing, and never will. */
function isBlank(part: Part): boolean {
  return 'text' in part && part.text === '' && part.open === undefined && part.encryptedValue === undefined
}

function messageIdOf(run: string, count: number): string {
  return count === 1 ? run : `${run}.${count}`
}

/** The same object with other fields: a copy the first time, unless nothing differs. */
function set<T extends object>(draft: Draft, target: T, fields: Fields<T>): T {
  let next: Writable<T> = target
  for (const [key, value] of Object.entries(fields) as [keyof T, T[keyof T] | undefined][]) {
    if (sameJson(value, next[key])) continue
    next = own(draft, next)
    if (value === undefined) delete next[key]
    else next[key] = value
  }
  return next
}

/** The object or list itself where this batch made it, else a copy that is the batch's own. */
function own<T extends object>({ owned }: Draft, value: T): Writable<T> {
  if (owned.has(value)) return value
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Writable<T>
  owned.add(copy)
  return copy
}
