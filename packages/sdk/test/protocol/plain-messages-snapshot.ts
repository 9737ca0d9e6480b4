import type { Message, Run } from '../../src/protocol/index.ts'
import { isSaid, knownIds, partsOf, place, resultOf, saidMessage } from './plain-message.ts'
import { type Plain, type PlainPart, type PlainTranscript, type Told, addPart, backwards, newest, remove } from './plain-transcript.ts'

/** MESSAGES_SNAPSHOT; the numbers are those of the page. */
export function restate(t: PlainTranscript, run: Plain<Run>, e: Told): void {
  const known = knownIds(t)
  // 1
  const all = e.messages ?? []
  const first = all.findIndex(({ id }) => known.has(id))
  const list: Message[] = []
  for (const message of all.slice(Math.max(0, first))) {
    const before = list.findIndex(({ id }) => id === message.id)
    if (before >= 0) list[before] = message
    else list.push(message)
  }
  // 2
  const stated: PlainPart[] = []
  for (const part of list.flatMap(partsOf)) {
    if (part.type === 'tool') {
      const results = list.filter((message) => message.role === 'tool' && message.toolCallId === part.id)
      const answer = results.at(-1) as (Message & { role: 'tool' }) | undefined
      const now = newest(t, 'tool', part.id)
      if (answer !== undefined) Object.assign(part, { status: 'done', result: resultOf(answer) })
      else part.status = now === undefined || now.status === 'done' ? 'running' : (now.status ?? '')
      for (const [name, value] of Object.entries(now ?? {}))
        if (!(name in part) && !UNSTATED.includes(name)) Object.assign(part, { [name]: value })
      if (part.status === 'running') delete part.endedAt
    }
    const same = stated.findIndex((one) => one.type === part.type && one.id === part.id)
    if (same >= 0) stated[same] = part
    else stated.push(part)
  }
  // 3
  const pieces = backwards(t).toReversed()
  const wholeOf = (part: PlainPart) =>
    pieces
      .filter((one) => isSame(one, part))
      .map(({ text = '' }) => text)
      .join('')
  const whole = new Map(stated.map((part) => [part, wholeOf(part)]))
  const placed = new Set<PlainPart>()
  for (const message of t.messages.toReversed()) {
    if (message.role !== 'assistant') continue
    for (const part of message.parts.toReversed()) {
      const target = stated.find((one) => isSame(one, part))
      if (target === undefined) {
        if (!stays(part, e, all)) remove(t, part)
        continue
      }
      const keepsPieces = target.text !== undefined && target.text === whole.get(target)
      const isDone = target.text !== undefined && !keepsPieces && (placed.has(target) || (target.text === '' && part.open !== true))
      if (isDone || (part.type === 'tool' && part.parent !== target.parent)) {
        remove(t, part)
        continue
      }
      placed.add(target)
      const { text } = part
      for (const name of UNSTATED) delete (part as unknown as Record<string, unknown>)[name]
      Object.assign(part, target, keepsPieces && { text })
      if (part.type === 'tool' && target.endedAt === undefined) delete part.endedAt
    }
  }
  // 4
  t.messages = t.messages.flatMap((message) => {
    if (message.role === 'assistant') return [message]
    const target = list.find(({ id }) => id === message.id)
    if (target === undefined || !isSaid(target)) return []
    const { run: of, at, by } = message
    const made = saidMessage(target)
    if (message.parts.some(({ open }) => open === true)) for (const part of made.parts) if (part.type === 'text') part.open = true
    return [{ ...made, ...(of !== undefined && { run: of }), ...(at !== undefined && { at }), ...(by !== undefined && { by }) }]
  })
  // 5
  for (const message of list) {
    if (isSaid(message) && !known.has(message.id)) place(t, run, message, e)
    for (const part of partsOf(message)) {
      const target = stated.find((one) => isSame(one, part))
      if (target !== undefined && !placed.has(target)) addPart(t, e, structuredClone(target))
    }
  }
}

const UNSTATED = ['name', 'parent', 'subagent', 'encryptedValue', 'metadata', 'truncated', 'result']

function isSame(one: PlainPart, other: PlainPart): boolean {
  return one.type === other.type && one.id === other.id
}

function stays(part: PlainPart, e: Told, list: readonly Message[]): boolean {
  if (part.type === 'data') return true
  const declared = e.metadata?.['@ag-ui/client'] as { readonly authoritativeActivityTypes?: readonly string[] | null } | undefined
  const types = declared?.authoritativeActivityTypes
  if (part.type === 'activity' && types !== undefined) return types !== null && !types.includes(part.activityType ?? '')
  return (part.type === 'reasoning' || part.type === 'activity') && list.every(({ role }) => role !== part.type)
}
