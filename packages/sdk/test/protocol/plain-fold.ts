import type { Message, OpenInterrupt, Run, SessionEvent, Transcript, TranscriptMessage } from '../../src/protocol/index.ts'
import { applyPatch } from '../../src/transcript/json-patch.ts'

type Plain<T> = { -readonly [K in keyof T]: T[K] }
type PlainMessage = Plain<Omit<TranscriptMessage, 'parts'>> & { parts: PlainPart[] }

/** A part of any type, with whichever fields it has. */
interface PlainPart {
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

interface PlainTranscript extends Plain<Omit<Transcript, 'messages' | 'runs' | 'queue' | 'interrupts'>> {
  messages: PlainMessage[]
  runs: Plain<Run>[]
  queue: Transcript['queue'][number][]
  interrupts: OpenInterrupt[]
}

/** An event of any type, with every field that the rules name. */
interface Told {
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

/**
 * The fold a second time, written from the rules of PROTOCOL.md alone, sentence by sentence and without a thought for speed: where it and
 * the real one differ, the page does not say what the code does.
 */
export function plainFold(before: Transcript, events: readonly SessionEvent[]): Transcript {
  const t = structuredClone(before) as unknown as PlainTranscript
  for (const event of structuredClone(events) as unknown as Told[]) apply(t, event)
  return JSON.parse(JSON.stringify(t)) as Transcript
}

function apply(t: PlainTranscript, e: Told): void {
  const run = activeRun(t)
  const kind = e.type.startsWith('REASONING') ? 'reasoning' : 'text'
  switch (e.type) {
    case 'RUN_STARTED':
      return startRun(t, e)
    case 'RUN_FINISHED': {
      if (run === undefined || e.runId !== run.id) return
      if (e.outcome?.type === 'interrupt') {
        endRun(t, e, { status: 'interrupt' })
        t.interrupts = (e.outcome.interrupts ?? []).map((one) => ({ ...one, run: run.id }))
      } else if (e.outcome?.type === 'cancelled') endRun(t, e, { status: 'cancelled' })
      else {
        const pending = e.outcome?.pendingToolCallIds ?? []
        endRun(t, e, { status: 'success', result: e.result, ...(pending.length > 0 && { pendingToolCallIds: pending }) })
      }
      return
    }
    case 'RUN_ERROR':
      if (run !== undefined) endRun(t, e, { status: 'error', message: e.message ?? '', ...(e.code !== undefined && { code: e.code }) })
      return
    case 'TEXT_MESSAGE_START':
    case 'REASONING_MESSAGE_START':
      return startText(t, e, kind)
    case 'TEXT_MESSAGE_CONTENT':
    case 'REASONING_MESSAGE_CONTENT':
      return onPart(
        t,
        kind,
        e.messageId,
        (part) => part.open === true,
        (part) => {
          part.text = `${part.text}${String(e.delta)}`
          mergeMetadata(part, e)
        },
      )
    case 'TEXT_MESSAGE_END':
    case 'REASONING_MESSAGE_END':
      return onPart(
        t,
        kind,
        e.messageId,
        (part) => part.open === true,
        (part) => {
          close(t, part, e.timestamp)
          mergeMetadata(part, e)
        },
      )
    case 'TOOL_CALL_START': {
      const part = newest(t, 'tool', e.toolCallId)
      if (part === undefined)
        return addPart(t, e, {
          ...{ type: 'tool', id: e.toolCallId ?? '', name: e.toolCallName ?? '', args: '', status: 'input' },
          ...(e.parentMessageId !== undefined && { parent: e.parentMessageId }),
          ...told(e),
        })
      part.name = e.toolCallName ?? ''
      if (part.status === 'running' && part.args === '') part.status = 'input'
      return mergeMetadata(part, e)
    }
    case 'TOOL_CALL_ARGS':
      return onPart(
        t,
        'tool',
        e.toolCallId,
        (part) => part.status === 'input',
        (part) => {
          part.args = `${part.args}${String(e.delta)}`
          mergeMetadata(part, e)
        },
      )
    case 'TOOL_CALL_END':
      return onPart(
        t,
        'tool',
        e.toolCallId,
        () => true,
        (part) => {
          if (part.status === 'input') part.status = 'running'
          mergeMetadata(part, e)
        },
      )
    case 'TOOL_CALL_RESULT': {
      const result = { id: e.messageId ?? '', content: e.content, ...told(e) }
      if (!setResult(t, e.toolCallId, result, e.timestamp))
        addPart(t, e, { type: 'tool', id: e.toolCallId ?? '', name: '', args: '', status: 'done', result })
      return
    }
    case 'STATE_SNAPSHOT':
      t.agentState = e.snapshot
      return
    case 'STATE_DELTA': {
      const state = t.agentState === undefined ? {} : t.agentState
      const verdict = applyPatch(state, e.delta)
      if (verdict.kind === 'patched' && verdict.document !== state) t.agentState = verdict.document
      return
    }
    case 'MESSAGES_SNAPSHOT':
      if (run !== undefined) restate(t, run, e)
      return
    case 'ACTIVITY_SNAPSHOT': {
      const part = newest(t, 'activity', e.messageId)
      const stated = { activityType: e.activityType ?? '', content: e.content }
      if (part === undefined) return addPart(t, e, { type: 'activity', id: e.messageId ?? '', ...stated, ...told(e) })
      if (e.replace !== false) {
        Object.assign(part, stated)
        delete part.subagent
        if (e.subagentRunId !== undefined) part.subagent = e.subagentRunId
      }
      return mergeMetadata(part, e)
    }
    case 'ACTIVITY_DELTA':
      return onPart(
        t,
        'activity',
        e.messageId,
        () => true,
        (part) => {
          const verdict = applyPatch(part.content, e.patch)
          if (verdict.kind === 'patched' && isObject(verdict.document))
            Object.assign(part, { content: verdict.document, activityType: e.activityType })
          mergeMetadata(part, e)
        },
      )
    case 'REASONING_ENCRYPTED_VALUE': {
      const encryptedValue = e.encryptedValue ?? ''
      for (const part of backwards(t)) {
        const isText = part.type === 'text' || part.type === 'reasoning'
        if (e.subtype === 'tool-call' ? part.type === 'tool' && part.id === e.entityId : isText && part.id === e.entityId) {
          part.encryptedValue = encryptedValue
          return
        }
        if (e.subtype !== 'tool-call' && part.result?.id === e.entityId && part.result !== undefined) {
          part.result.encryptedValue = encryptedValue
          return
        }
      }
      return
    }
    case 'STEP_STARTED':
    case 'STEP_FINISHED': {
      if (run === undefined) return
      const steps = (run.steps ?? []).filter((step) => step.name !== e.stepName || step.subagent !== e.subagentRunId)
      const subagent = e.subagentRunId === undefined ? {} : { subagent: e.subagentRunId }
      if (e.type === 'STEP_STARTED') run.steps = [...steps, { name: e.stepName ?? '', ...subagent }]
      else if (run.steps !== undefined) run.steps = steps
      return
    }
    case 'SUBAGENT_STARTED':
      if (run === undefined) return
      run.subagents = [
        ...(run.subagents ?? []).filter(({ id }) => id !== e.subagentRunId),
        {
          id: e.subagentRunId ?? '',
          name: e.name ?? '',
          status: 'running',
          ...(e.description !== undefined && { description: e.description }),
          ...(e.parentSubagentRunId !== undefined && { parent: e.parentSubagentRunId }),
          ...(e.parentToolCallId !== undefined && { toolCallId: e.parentToolCallId }),
        },
      ]
      return
    case 'SUBAGENT_FINISHED':
    case 'SUBAGENT_ERROR': {
      const status = e.type === 'SUBAGENT_ERROR' ? 'error' : (e.outcome?.type ?? 'success')
      const end = e.type === 'SUBAGENT_ERROR' ? { message: e.message, result: undefined } : { message: undefined, result: e.result }
      if (run?.subagents !== undefined)
        run.subagents = run.subagents.map((one) => (one.id === e.subagentRunId ? ({ ...one, status, ...end } as typeof one) : one))
      return
    }
    case 'CUSTOM':
      return e.name?.startsWith('throughline/') === true ? applyOwn(t, e) : applyCustom(t, e)
    default:
  }
}

function startRun(t: PlainTranscript, e: Told): void {
  const id = e.runId ?? ''
  if (t.runs.some((run) => run.id === id)) return
  if (activeRun(t) !== undefined) endRun(t, { type: 'RUN_ERROR' }, { status: 'error', code: 'interrupted', message: '' })
  t.interrupts = []
  const last = t.runs.at(-1)
  if (last?.state.status === 'success') {
    const { pendingToolCallIds: _, ...state } = last.state
    last.state = state
  }
  const origin = (e.metadata?.['throughline'] ?? {}) as Pick<Run, 'by' | 'resumes'>
  const run: Plain<Run> = { id, state: { status: 'running' }, messages: 0 }
  if (e.timestamp !== undefined) run.at = e.timestamp
  if (origin.by !== undefined) run.by = origin.by
  if (origin.resumes !== undefined) run.resumes = origin.resumes
  t.runs.push(run)
  if (e.input?.state !== undefined) t.agentState = e.input.state
  const known = knownIds(t)
  for (const message of e.input?.messages ?? []) {
    t.queue = t.queue.filter((queued) => queued.message.id !== message.id)
    if (!known.has(message.id)) place(t, run, message, e)
    known.add(message.id)
  }
}

function startText(t: PlainTranscript, e: Told, type: string): void {
  const run = activeRun(t)
  if (run === undefined) return
  const veryLast = t.messages.at(-1)?.parts.at(-1)
  for (const message of t.messages.toReversed())
    for (const part of message.parts.toReversed()) {
      if (part.type !== type || part.id !== e.messageId || message.run !== run.id) continue
      if (part.open !== true && part !== veryLast && message.role === 'assistant') continue
      part.open = true
      delete part.endedAt
      return mergeMetadata(part, e)
    }
  const part: PlainPart = { type, id: e.messageId ?? '', text: '', open: true }
  const name = type === 'text' && e.name !== undefined ? { name: e.name } : {}
  if (type === 'text' && (e.role === 'user' || e.role === 'system' || e.role === 'developer')) {
    const at = e.timestamp === undefined ? {} : { at: e.timestamp }
    t.messages.push({ id: part.id, role: e.role, run: run.id, parts: [part], ...at, ...name, ...(told(e) as object) })
  } else addPart(t, e, { ...part, ...name, ...told(e) })
}

function applyCustom(t: PlainTranscript, e: Told): void {
  const { name = '', value } = e
  const others = Object.entries(t.custom).filter(([other]) => other !== name)
  t.custom = Object.fromEntries([...others.slice(Math.max(0, others.length - 63)), [name, value]])
  if (!isObject(value) || typeof value['id'] !== 'string') return
  const { id } = value as { id: string }
  const part = backwards(t).find((one) => one.type === 'data' && one.id === id && one.name === name)
  if (part !== undefined) Object.assign(part, { value })
  else {
    const subagent = e.subagentRunId === undefined ? {} : { subagent: e.subagentRunId }
    addPart(t, e, { type: 'data', id, name, ...{ value }, ...subagent })
  }
}

function applyOwn(t: PlainTranscript, e: Told): void {
  const value = e.value as Readonly<Record<string, unknown>>
  const run = activeRun(t)
  switch (e.name) {
    case 'throughline/queued': {
      const { message, input, by, first } = value as unknown as Transcript['queue'][number] & { readonly first?: boolean }
      if (t.queue.some((queued) => queued.message.id === message.id)) return
      const queued = { message, ...(input !== undefined && { input }), by, ...(e.timestamp !== undefined && { at: e.timestamp }) }
      t.queue = first === true ? [queued, ...t.queue] : [...t.queue, queued]
      return
    }
    case 'throughline/unqueued':
      t.queue = t.queue.filter(({ message }) => message.id !== value['message'])
      return
    case 'throughline/stopping':
      if (run?.id === value['run'] && run?.state.status === 'running') run.state = { status: 'stopping', stoppedBy: value['by'] as string }
      return
    case 'throughline/answered': {
      const { interrupt, message, toolCallId, ...answer } = value
      if (interrupt === undefined) setResult(t, toolCallId as string, resultOf(message as Message & { role: 'tool' }), e.timestamp)
      else t.interrupts = t.interrupts.map((open) => (open.id === interrupt ? ({ ...open, answer } as typeof open) : open))
      return
    }
    case 'throughline/rewound': {
      const index = t.messages.findIndex(({ id }) => id === value['from'])
      const run_ = t.messages[index]?.run
      t.messages = t.messages.slice(0, Math.max(0, index))
      const at = t.runs.findIndex(({ id }) => id === run_)
      const stays = at >= 0 && t.messages.some((message) => message.run === run_)
      t.runs = t.runs.slice(0, stays ? at + 1 : Math.max(0, at))
      t.interrupts = []
      return
    }
    default:
  }
}

function restate(t: PlainTranscript, run: Plain<Run>, e: Told): void {
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
    return [
      { ...saidMessage(target), ...(of !== undefined && { run: of }), ...(at !== undefined && { at }), ...(by !== undefined && { by }) },
    ]
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

function activeRun({ runs }: PlainTranscript): Plain<Run> | undefined {
  const last = runs.at(-1)
  return last?.state.status === 'running' || last?.state.status === 'stopping' ? last : undefined
}

function backwards({ messages }: PlainTranscript): PlainPart[] {
  return messages.flatMap(({ parts }) => parts).toReversed()
}

function newest(t: PlainTranscript, type: string, id: string | undefined): PlainPart | undefined {
  return backwards(t).find((part) => part.type === type && part.id === id)
}

function onPart(
  t: PlainTranscript,
  type: string,
  id: string | undefined,
  fits: (part: PlainPart) => boolean,
  change: (part: PlainPart) => void,
): void {
  const part = backwards(t).find((one) => one.type === type && one.id === id && fits(one))
  if (part !== undefined) change(part)
}

function addPart(t: PlainTranscript, e: Told, part: PlainPart): void {
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

function told({
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

function mergeMetadata(part: PlainPart, { metadata }: Told): void {
  if (metadata !== undefined) part.metadata = { ...part.metadata, ...metadata }
}

function close(t: PlainTranscript, part: PlainPart, at: number | undefined): void {
  if (part.text === '' && part.encryptedValue === undefined) return remove(t, part)
  delete part.open
  delete part.endedAt
  if (at !== undefined) part.endedAt = at
}

function remove(t: PlainTranscript, part: PlainPart): void {
  const message = t.messages.find(({ parts }) => parts.includes(part))
  if (message === undefined) return
  message.parts = message.parts.filter((one) => one !== part)
  if (message.parts.length > 0 || message.omitted !== undefined) return
  t.messages = t.messages.filter((one) => one !== message)
  const last = t.runs.at(-1)
  if (last !== undefined && message.id === (last.messages === 1 ? last.id : `${last.id}.${last.messages}`)) last.messages -= 1
}

function endRun(t: PlainTranscript, e: Told, state: Run['state']): void {
  for (const part of backwards(t)) {
    if (part.open === true) close(t, part, e.timestamp)
    const pending = state.status === 'success' ? (state.pendingToolCallIds ?? []) : []
    if (part.type !== 'tool' || (part.status !== 'input' && part.status !== 'running')) continue
    if (state.status === 'interrupt' || pending.includes(part.id)) continue
    part.status = state.status === 'error' ? 'interrupted' : 'cancelled'
    delete part.endedAt
    if (e.timestamp !== undefined) part.endedAt = e.timestamp
  }
  const run = activeRun(t)
  if (run === undefined) return
  const left = state.status === 'interrupt' ? 'suspended' : 'error'
  if (run.subagents !== undefined) run.subagents = run.subagents.map((one) => (one.status === 'running' ? { ...one, status: left } : one))
  run.state = { ...state, ...(e.timestamp !== undefined && { endedAt: e.timestamp }) }
  delete run.usage
  if (e.usage !== undefined) run.usage = e.usage
  delete run.steps
}

function setResult(t: PlainTranscript, id: string | undefined, result: { id: string }, at: number | undefined): boolean {
  const part = newest(t, 'tool', id)
  if (part === undefined) return false
  Object.assign(part, { status: 'done', result })
  delete part.endedAt
  if (at !== undefined) part.endedAt = at
  return true
}

function knownIds({ messages }: PlainTranscript): Set<string> {
  const known = new Set<string>()
  for (const { id, role, parts } of messages) {
    if (role !== 'assistant') known.add(id)
    else
      for (const part of parts) {
        known.add(part.type === 'tool' ? (part.parent ?? part.id) : part.id)
        if (part.result !== undefined) known.add(part.result.id)
      }
  }
  return known
}

type Said = Extract<Message, { role: 'user' | 'system' | 'developer' }>

function isSaid(message: Message): message is Said {
  return message.role === 'user' || message.role === 'system' || message.role === 'developer'
}

function place(t: PlainTranscript, run: Plain<Run>, message: Message, e: Told): void {
  const at = e.timestamp === undefined ? {} : { at: e.timestamp }
  if (message.role === 'tool') setResult(t, message.toolCallId, resultOf(message), e.timestamp)
  else if (isSaid(message)) t.messages.push({ ...saidMessage(message), run: run.id, ...at, ...(run.by !== undefined && { by: run.by }) })
  else for (const part of partsOf(message)) if (part.type !== 'tool' || newest(t, 'tool', part.id) === undefined) addPart(t, e, part)
}

function saidMessage(message: Said): PlainMessage {
  const { id, role, name, content } = message
  const parts = typeof content === 'string' ? [{ type: 'text', id, text: content }] : content.map((part) => contentPart(id, part))
  return { id, role, ...(name !== undefined && { name }), parts, ...(told(message) as object) }
}

function contentPart(message: string, part: Exclude<Said['content'], string>[number]): PlainPart {
  const metadata = part.metadata === undefined ? {} : { metadata: part.metadata as object }
  if (part.type === 'text') return { type: 'text', id: part.id ?? message, text: part.text, ...metadata }
  return {
    type: 'file',
    ...{ media: part.type, source: part.source },
    ...(part.id !== undefined && { id: part.id }),
    ...metadata,
  } as PlainPart
}

function resultOf(message: Message & { role: 'tool' }): { id: string } {
  const { id, content, error } = message
  return { id, ...{ content }, ...(error !== undefined && { error }), ...told(message) }
}

function partsOf(message: Message): PlainPart[] {
  const { id } = message
  switch (message.role) {
    case 'reasoning':
      return [{ type: 'reasoning', id, text: message.content, ...told(message) }]
    case 'activity':
      return [{ type: 'activity', id, activityType: message.activityType, content: message.content, ...told(message) }]
    case 'assistant': {
      const { content, name, toolCalls = [], subagentRunId } = message
      const text = content === undefined ? [] : [{ type: 'text', id, text: content, ...(name !== undefined && { name }), ...told(message) }]
      const tools = toolCalls.map((call) => ({
        ...{ type: 'tool', id: call.id, name: call.function.name, args: call.function.arguments, status: 'running' },
        ...(id !== call.id && { parent: id }),
        ...told({ ...call, ...(subagentRunId !== undefined && { subagentRunId }) }),
      }))
      return [...text, ...tools]
    }
    default:
      return []
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
