import type { EventOf, Message } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { Part, Run, TextPart, ToolPart, TranscriptMessage } from '../protocol/transcript.ts'
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
  const stated = incoming.slice(
    Math.max(
      0,
      incoming.findIndex(({ id }) => known.has(id)),
    ),
  )
  const former = transcript.messages.flatMap(({ parts }) => parts)
  const targets = new Map(stated.flatMap(toParts).map((part) => [keyOf(part), withOutcome(part, former, stated)]))
  const texts = new Map<string, string>()
  for (const part of former) if ('text' in part) texts.set(keyOf(part), (texts.get(keyOf(part)) ?? '') + part.text)
  const survives = survivalRule(event, incoming)
  const placed = new Set<string>()

  editParts(draft, false, (part, { role }) => {
    const key = keyOf(part)
    const target = targets.get(key)
    if (role !== 'assistant' || (target === undefined && survives(part))) return false
    const { text, open } = { ...part, ...target } as Partial<TextPart>
    const isSame = text === texts.get(key)
    // Text in several pieces that is stated differently comes whole to the last one, which may be open.
    if (target === undefined || (!isSame && (placed.has(key) || (text === '' && open === undefined)))) return null
    placed.add(key)
    return { ...UNSTATED, ...target, ...(isSame && 'text' in part && { text: part.text }) }
  })
  const said = new Map(stated.map((message) => [message.id, message]))
  const restated = transcript.messages.flatMap((message) => restateSaid(message, said.get(message.id)))
  if (!restated.every((message, index) => message === transcript.messages[index])) transcript.messages = restated
  for (const message of stated) {
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
function withOutcome(part: Part, former: readonly Part[], stated: readonly Message[]): Part {
  if (part.type !== 'tool') return part
  const before = former.find((other): other is ToolPart => other.type === 'tool' && other.id === part.id)
  const answer = stated.find((message) => message.role === 'tool' && message.toolCallId === part.id)
  const result = answer?.role === 'tool' ? toResult(answer) : undefined
  const status = result ? 'done' : before === undefined || before.status === 'done' ? 'running' : before.status
  return defined<ToolPart>({ ...before, ...UNSTATED, ...part, status, result })
}

/** What others than the agent said, in place. */
function restateSaid(message: TranscriptMessage, target: Message | undefined): TranscriptMessage[] {
  if (message.role === 'assistant') return [message]
  if (target === undefined || !isSaid(target)) return []
  const { run, at, by } = message
  const next = defined<TranscriptMessage>({ ...toMessage(target), run, at, by })
  return [sameJson(message, next) ? message : next]
}

function keyOf(part: Part): string {
  return JSON.stringify([part.type, part.id, part.type === 'tool' && part.parent])
}
