import { defined, type Given } from './defined.ts'

/** What events and AG-UI messages tell in fields of the same names. */
interface Telling {
  readonly subagentRunId?: string | undefined
  readonly encryptedValue?: string | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** Something of the transcript, with what an event or AG-UI message tells of it. */
export function told<T extends object>({ subagentRunId: subagent, encryptedValue, metadata }: Telling, fields: Given<T>): T {
  return defined<T>({ ...fields, subagent, encryptedValue, metadata })
}
