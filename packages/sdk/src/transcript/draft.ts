import { PARTS_PER_MESSAGE, type Part, type Run, type Transcript, type TranscriptMessage } from '../protocol/transcript.ts'
import { activeRun } from './active-run.ts'

/** The same object or list, to be changed in place. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * A transcript while a batch is applied to it. What the batch changes it copies first, once; the copies are its own until it is
 * done, and changed in place. So a batch of many tokens copies as much as one of a single token.
 */
export interface Draft {
  transcript: Transcript
  readonly owned: Set<object>
}

/** Where a part stands: indexes, good until a part or message is removed. */
export interface Place<P extends Part = Part> {
  readonly message: number
  readonly part: number
  /** The part as it was found; its newest form comes from {@link writePart}. */
  readonly found: P
}

/** Begins a batch. */
export function openDraft(transcript: Transcript): Draft {
  return { transcript, owned: new Set() }
}

/** Looks for a part from the end, where what still changes stands; with a run, among that run's messages only. */
export function findPart<P extends Part>({ transcript }: Draft, fits: (part: Part) => part is P, run?: Run): Place<P> | undefined {
  const { messages } = transcript
  for (let message = messages.length - 1; message >= 0; message--) {
    const { parts = [], run: owner } = messages[message] ?? {}
    // Messages stand in the order of their runs.
    if (run !== undefined && owner !== run.id) return undefined
    for (let part = parts.length - 1; part >= 0; part--) {
      const found = parts[part]
      if (found !== undefined && fits(found)) return { message, part, found }
    }
  }
  return undefined
}

/** The transcript, to be changed. */
export function write(draft: Draft): Writable<Transcript> {
  const transcript = own(draft, draft.transcript)
  draft.transcript = transcript
  return transcript
}

/** The messages, to be changed. */
export function writeMessages(draft: Draft): TranscriptMessage[] {
  const transcript = write(draft)
  const messages = own(draft, transcript.messages)
  transcript.messages = messages
  return messages
}

/** A message, to be changed. */
export function writeMessage(draft: Draft, index: number): Writable<TranscriptMessage> {
  return ownItem(draft, writeMessages(draft), index)
}

/** A part, to be changed. */
export function writePart<P extends Part>(draft: Draft, place: Place<P>): Writable<P> {
  // What stands at a place found for a P is a P, or a copy of one.
  return ownItem(draft, writeParts(draft, place.message) as P[], place.part)
}

/** The last run, to be changed. */
export function writeLastRun(draft: Draft): Writable<Run> {
  const transcript = write(draft)
  const runs = own(draft, transcript.runs)
  transcript.runs = runs
  return ownItem(draft, runs, runs.length - 1)
}

/** Adds a part to what the agent does in the active run; without one it has no place. */
export function addPart(draft: Draft, part: Part, at: { readonly at?: number }): void {
  const run = activeRun(draft.transcript)
  if (run === undefined) return
  const { messages } = draft.transcript
  const last = messages.at(-1)
  if (last?.role === 'assistant' && last.run === run.id && last.parts.length + (last.omitted ?? 0) < PARTS_PER_MESSAGE) {
    writeParts(draft, messages.length - 1).push(part)
    return
  }
  const count = (writeLastRun(draft).messages += 1)
  writeMessages(draft).push({ id: messageIdOf(run.id, count), role: 'assistant', run: run.id, parts: [part], ...at })
}

/** Removes a part, and its message where nothing is left of it. */
export function removePart(draft: Draft, place: Place): void {
  const message = writeMessage(draft, place.message)
  if (message.parts.length > 1 || message.omitted !== undefined) {
    writeParts(draft, place.message).splice(place.part, 1)
    return
  }
  writeMessages(draft).splice(place.message, 1)
  const run = draft.transcript.runs.at(-1)
  if (run !== undefined && message.id === messageIdOf(run.id, run.messages)) writeLastRun(draft).messages -= 1
}

function messageIdOf(run: string, count: number): string {
  return count === 1 ? run : `${run}.${count}`
}

function writeParts(draft: Draft, index: number): Part[] {
  const message = writeMessage(draft, index)
  const parts = own(draft, message.parts)
  message.parts = parts
  return parts
}

function ownItem<T extends object>(draft: Draft, items: T[], index: number): Writable<T> {
  const item = own(draft, items[index] as T)
  items[index] = item
  return item
}

/** The object or list itself where this batch made it, else a copy that is the batch's own. */
function own<T extends object>(draft: Draft, value: T): Writable<T> {
  if (draft.owned.has(value)) return value
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Writable<T>
  draft.owned.add(copy)
  return copy
}
