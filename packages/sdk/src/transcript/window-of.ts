import type { ContentPart } from '../protocol/events.ts'
import type { Part, Run, ToolResult, Transcript, TranscriptMessage } from '../protocol/transcript.ts'
import { utf8Bytes } from '../utf8-bytes.ts'
import { isUnderWay } from './draft.ts'
import { headOf, tailOf } from './cut-text.ts'

/** The newest part of a transcript, and how many older messages it lacks. */
export interface Window {
  readonly transcript: Transcript
  readonly dropped: number
}

/** What is kept of a message that is too large alone. */
const LARGEST_MESSAGE_BYTES = 512 * 1024

/** What is kept of a settled tool call's arguments, and of its result. */
const TOOL_VALUE_BYTES = 64 * 1024

/**
 * The newest window of a transcript for a snapshot: state, queue, interrupts and custom values whole, the newest messages whole
 * until their JSON fills `maxBytes`, with the runs from the oldest of these on and the last one that ended. Arguments and results of
 * settled tool calls are cut at 64 KiB and marked `truncated`; a newest message too large alone keeps its last 512 KiB, or what there
 * is room for, and is marked `cut`. Each message is measured once in its life.
 */
export function windowOf(transcript: Transcript, maxBytes: number): Window {
  const { messages, runs } = transcript
  const kept: TranscriptMessage[] = []
  let firstRun = Math.max(
    0,
    runs.findLastIndex((run) => !isUnderWay(run)),
  )
  let room = maxBytes - bytesOf({ ...transcript, messages: [], runs: runs.slice(firstRun) })
  for (let index = messages.length - 1; index >= 0; index--) {
    const { message, bytes } = measure(messages[index] as TranscriptMessage)
    const run = indexOfRun(runs, message.run, firstRun)
    room -= bytes + bytesOf(runs.slice(run, firstRun))
    if (room < 0 && kept.length > 0) break
    kept.push(room < 0 ? cutMessage(message, Math.min(LARGEST_MESSAGE_BYTES, room + bytes)) : message)
    firstRun = run
  }
  const window = { ...transcript, messages: kept.toReversed(), runs: runs.slice(firstRun) }
  return { transcript: window, dropped: messages.length - kept.length }
}

const measured = /* @__PURE__ */ new WeakMap<TranscriptMessage, { readonly message: TranscriptMessage; readonly bytes: number }>()

/** A message with its tool values cut, and its size with the comma behind it. Messages never change, so what was measured holds. */
function measure(message: TranscriptMessage): { readonly message: TranscriptMessage; readonly bytes: number } {
  const before = measured.get(message)
  if (before !== undefined) return before
  const parts = message.parts.map(cutTool)
  const cut = parts.some((part, index) => part !== message.parts[index]) ? { ...message, parts } : message
  const measurement = { message: cut, bytes: bytesOf(cut) + 1 }
  measured.set(message, measurement)
  return measurement
}

/** Where the runs of the window must begin to include this one: before `end`, or at it where it is among the later ones. */
function indexOfRun(runs: readonly Run[], id: string | undefined, end: number): number {
  for (let index = end - 1; index >= 0; index--) if (runs[index]?.id === id) return index
  return end
}

/** The newest parts that fit; the first of them may be the end of a text. */
function cutMessage(message: TranscriptMessage, maxBytes: number): TranscriptMessage {
  const kept: Part[] = []
  let omitted = message.parts.length
  let room = maxBytes - bytesOf({ ...message, parts: [], cut: true, omitted })
  for (const part of message.parts.toReversed()) {
    const bytes = bytesOf(part) + 1
    const fitting = bytes <= room ? part : cutPart(part, room, kept.length === 0)
    if (fitting === undefined) break
    kept.unshift(fitting)
    omitted -= 1
    room -= bytes
  }
  omitted += message.omitted ?? 0
  return { ...message, parts: kept, cut: true, ...(omitted > 0 && { omitted }) }
}

/** The end of a part; undefined where it is not to be kept. The last part always is, since more may come to it. */
function cutPart(part: Part, room: number, isLast: boolean): Part | undefined {
  if (part.type === 'text' || part.type === 'reasoning') {
    const text = tailOf(part.text, room - bytesOf({ ...part, text: '' }))
    return text === '' && !isLast ? undefined : { ...part, text }
  }
  if (!isLast || part.type !== 'tool') return isLast ? part : undefined
  return { ...part, args: tailOf(part.args, room - bytesOf({ ...part, args: '', truncated: true })), truncated: true }
}

/** A call that waits for no more keeps the beginning of its arguments and of its result. */
function cutTool(part: Part): Part {
  if (part.type !== 'tool' || part.status === 'input' || part.status === 'running') return part
  const args = headOf(part.args, TOOL_VALUE_BYTES)
  const result = part.result && cutResult(part.result)
  if (args === part.args && result === part.result) return part
  return { ...part, args, ...(args !== part.args && { truncated: true }), ...(result && { result }) }
}

function cutResult(result: ToolResult): ToolResult {
  const { content } = result
  const cut = typeof content === 'string' ? headOf(content, TOOL_VALUE_BYTES) : content.map(cutContent)
  const isSame = typeof cut === 'string' ? cut === content : cut.every((part, index) => part === content[index])
  return isSame ? result : { ...result, content: cut, truncated: true }
}

function cutContent(part: ContentPart): ContentPart {
  if (part.type !== 'text') return part
  const text = headOf(part.text, TOOL_VALUE_BYTES)
  return text === part.text ? part : { ...part, text }
}

function bytesOf(value: unknown): number {
  return utf8Bytes(JSON.stringify(value))
}
