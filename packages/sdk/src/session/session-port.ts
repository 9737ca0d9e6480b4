import type { CallServer } from '../call-server.ts'
import type { Limits } from '../protocol/index.ts'
import type { Attachment } from './attachment.ts'
import type { LinkPort } from './link-port.ts'
import type { Outbox } from './outbox.ts'

/** What a session needs of its client. */
export interface SessionPort extends LinkPort {
  readonly outbox: Outbox
  readonly call: CallServer
  readonly limits: () => Limits
  /** Takes what a listener threw. */
  readonly report: (error: unknown) => void
  /** The session wants to be told what concerns it. */
  readonly join: (session: string, attachment: Attachment) => void
  readonly leave: (session: string) => void
  /** A command of an earlier page is settled. */
  readonly settled: (session: string) => void
}
