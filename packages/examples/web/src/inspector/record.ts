import type { ConnectionState, LogRecord } from '@throughline/sdk'
import type { SwitchNews } from '../line-switch.ts'

/** One thing that the inspector shows: an entry of the client's log, a change of its connection, or news of the line switches. */
export type InspectorRecord =
  | LogRecord
  | (SwitchNews & { readonly at: number })
  | { readonly type: 'state'; readonly status: ConnectionState['status']; readonly at: number }

/** The records of these types. */
export type RecordOf<Type extends InspectorRecord['type']> = Extract<InspectorRecord, { readonly type: Type }>
