import type { EventOf, Message } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { Part, Run, TextPart, ToolPart, ToolResult, TranscriptMessage } from '../protocol/transcript.ts'
import { addMessage } from './add-message.ts'
import { defined } from './defined.ts'
import { addPart, editParts, type Draft } from './draft.ts'
import { isMessage, isSaid, toMessage, toParts, toResult } from './from-ag-ui.ts'
import { knownIds } from './known-ids.ts'
import { sameJson } from './same-json.ts'

/** What a part no longer has where it is not stated. */
const UNSTATED = {
  name: undefined,
  parent: undefined,
  subagent: undefined,
  encryptedValue: undefined,
  metadata: undefined,
  truncated: undefined,
  result: undefined,
}

/**
 * The agent states the whole conversation. As in AG-UI, what it knows by id is changed in place, what it leaves out goes (but
 * activities and reasoning, where it states none), and what is new comes to the end. What stands before the first message known
 * here is older than the window, or the agent's own preface, and ignored. What is stated no different keeps its identity.
 */
export function foldMessagesSnapshot(draft: Draft, run: Run, event: EventOf<'MESSAGES_SNAPSHOT'>): void {
  if (!Array.isArray(event.messages)) return
  const { transcript } = draft
  const incoming = event.messages.filter(isMessage)
  const known = knownIds(transcript.messages)
  const first = incoming.findIndex(({ id }) => known.has(id))
  const stated = new Map(incoming.slice(Math.max(0, first)).map((message) => [message.id, message]))
  const survives = survivalRule(event, incoming)
  const standing = new Map<string, Part>()
  const texts = new Map<string, string>()
  for (const part of transcript.messages.flatMap(({ parts }) => parts)) {
    standing.set(keyOf(part), part)
    if ('text' in part) texts.set(keyOf(part), (texts.get(keyOf(part)) ?? '') + part.text)
  }
  const results = new Map<string, ToolResult>()
  for (const message of stated.values()) if (message.role === 'tool') results.set(message.toolCallId, toResult(message))
  const targets = new Map<string, Part>()
  for (const part of [...stated.values()].flatMap(toParts)) {
    const key = keyOf(part)
    targets.set(key, part.type === 'tool' ? withOutcome(part, standing.get(key), results.get(part.id)) : part)
  }

  const placed = new Set<string>()
  editParts(draft, false, (part, { role }) => {
    const key = keyOf(part)
    const target = targets.get(key)
    if (role !== 'assistant' || (target === undefined && survives(part))) return false
    const { text, open, parent } = { ...part, ...UNSTATED, ...target } as Partial<TextPart & ToolPart>
    const isSame = text === texts.get(key)
    // Text in several pieces that is stated differently comes whole to the last one, which may be open. A call that moved is placed anew.
    const isGone = !isSame && (placed.has(key) || (text === '' && open === undefined))
    if (target === undefined || isGone || parent !== (part as Partial<ToolPart>).parent) return null
    placed.add(key)
    return {
      ...UNSTATED,
      ...(part.type === 'tool' && { endedAt: undefined }),
      ...target,
      ...(isSame && 'text' in part && { text: part.text }),
    }
  })
  const restated = transcript.messages.flatMap((message) => restateSaid(message, stated.get(message.id)))
  if (!sameItems(restated, transcript.messages)) transcript.messages = restated
  for (const message of stated.values()) {
    if (isSaid(message) && !known.has(message.id)) addMessage(draft, run, message, event.timestamp)
    for (const part of toParts(message)) if (!placed.has(keyOf(part))) addPart(draft, targets.get(keyOf(part)) ?? part, event.timestamp)
  }
}

/** AG-UI's rule for what a snapshot leaves out: who states any reasoning, or activity, states all of it, unless metadata names the types. */
function survivalRule({ metadata }: EventOf<'MESSAGES_SNAPSHOT'>, incoming: readonly Message[]): (part: Part) => boolean {
  const declared: unknown = metadata?.['@ag-ui/client']
  const types = isRecord(declared) ? declared['authoritativeActivityTypes'] : declared && []
  return (part) => {
    if (part.type === 'activity' && types !== undefined)
      return types !== null && !(Array.isArray(types) && types.every(isText) && types.includes(part.activityType))
    if (part.type === 'activity' || part.type === 'reasoning') return incoming.every(({ role }) => role !== part.type)
    return part.type === 'data'
  }
}

/** A stated call with what came of it, also where it stood elsewhere before. */
function withOutcome(call: ToolPart, before: Part | undefined, result: ToolResult | undefined): ToolPart {
  const { status: former = 'running', endedAt } = (before ?? {}) as Partial<ToolPart>
  const status = result ? 'done' : former === 'done' ? 'running' : former
  return defined<ToolPart>({ ...before, ...UNSTATED, ...call, status, result, endedAt: status === 'running' ? undefined : endedAt })
}

/** What others than the agent said, in place. What is being written goes on. */
function restateSaid(message: TranscriptMessage, target: Message | undefined): TranscriptMessage[] {
  if (message.role === 'assistant') return [message]
  if (target === undefined || !isSaid(target)) return []
  const { run, at, by } = message
  const said = toMessage(target)
  const isOpen = message.parts.some((part) => 'open' in part)
  const parts = isOpen ? said.parts.map((part): Part => (part.type === 'text' ? { ...part, open: true } : part)) : said.parts
  const next = defined<TranscriptMessage>({ ...said, parts, run, at, by })
  return [sameJson(message, next) ? message : next]
}

function keyOf({ type, id }: Part): string {
  return `${type} ${id}`
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index])
}
