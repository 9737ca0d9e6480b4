import type { AnswerFrame, RefusalCode, ResumeEntry } from '@throughline/sdk/protocol'
import { Ajv } from 'ajv'
import { cancelAll, resumeEntry } from './decide-send.ts'
import { activityOf, type Ledger } from './ledger.ts'

/** What becomes of an answer. */
export type AnswerVerdict =
  /** Others of its run are still open: it is kept. */
  | { readonly kind: 'keep' }
  /** It was the last: the next run starts with all answers. */
  | { readonly kind: 'resume'; readonly resume: readonly ResumeEntry[] }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string }

const ajv = new Ajv({ strict: false, logger: false })

/** Decides what an answer does. */
export function decideAnswer(ledger: Ledger, frame: Pick<AnswerFrame, 'interrupt' | 'status' | 'payload'>, by: string): AnswerVerdict {
  const activity = activityOf(ledger)
  const interrupt = activity.kind === 'waiting' ? activity.open.find(({ id }) => id === frame.interrupt) : undefined
  if (activity.kind !== 'waiting' || interrupt === undefined) {
    return { kind: 'refused', code: 'interrupt_closed', message: `interrupt ${frame.interrupt} is not open, or was answered already` }
  }
  const fault = frame.status === 'resolved' ? schemaFault(interrupt.responseSchema, frame.payload) : undefined
  if (fault !== undefined)
    return { kind: 'refused', code: 'answer_invalid', message: `the answer does not fit what was asked for: ${fault}` }
  // An agent may have named two of its own alike.
  if (activity.open.some(({ id }) => id !== interrupt.id)) return { kind: 'keep' }
  const last = resumeEntry(interrupt.id, { status: frame.status, payload: frame.payload, by })
  return { kind: 'resume', resume: cancelAll(ledger).map((entry) => (entry.interruptId === interrupt.id ? last : entry)) }
}

/**
 * Says what a payload lacks to fit a schema. A schema that is none, or that cannot be checked at once, asks for nothing: the fault is the agent's, not the
 * person's.
 */
function schemaFault(schema: Record<string, unknown> | undefined, payload: unknown): string | undefined {
  if (schema === undefined || schema['$async'] !== undefined) return undefined
  try {
    return ajv.validate(schema, payload) ? undefined : ajv.errorsText(ajv.errors, { dataVar: 'payload' })
  } catch {
    return undefined
  } finally {
    // Else it would be kept for ever, and its name be taken for the next one.
    ajv.removeSchema(schema)
  }
}
