import type { SessionEvent, Transcript } from '../../src/protocol/index.ts'
import { applyPatch } from '../../src/transcript/json-patch.ts'
import { restate } from './plain-messages-snapshot.ts'
import { applyOwn } from './plain-own-events.ts'
import { endRun, startRun } from './plain-run.ts'
import {
  type PlainPart,
  type PlainTranscript,
  type Told,
  activeRun,
  addPart,
  backwards,
  close,
  isObject,
  mergeMetadata,
  newest,
  setResult,
  told,
} from './plain-transcript.ts'

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
  const kept = [...others, [name, value]]
  const bytes = () => kept.reduce((sum, entry) => sum + new TextEncoder().encode(JSON.stringify(entry)).length, 0)
  while (kept.length > 64 || (kept.length > 1 && bytes() > 256 * 1024)) kept.shift()
  t.custom = Object.fromEntries(kept)
  if (!isObject(value) || typeof value['id'] !== 'string') return
  const { id } = value as { id: string }
  const part = backwards(t).find((one) => one.type === 'data' && one.id === id && one.name === name)
  if (part !== undefined) Object.assign(part, { value })
  else {
    const subagent = e.subagentRunId === undefined ? {} : { subagent: e.subagentRunId }
    addPart(t, e, { type: 'data', id, name, ...{ value }, ...subagent })
  }
}
