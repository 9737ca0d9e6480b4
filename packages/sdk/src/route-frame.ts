import type { Directory } from './directory.ts'
import { SessionError } from './errors.ts'
import type { Limits, ServerFrame } from './protocol/index.ts'
import type { Attachment } from './session/attachment.ts'
import type { Outbox } from './session/outbox.ts'

/** Whom frames are for. */
export interface FrameTakers {
  readonly attachments: ReadonlyMap<string, Attachment>
  readonly outbox: Outbox
  readonly directory: Directory
  readonly onLimits: (limits: Limits) => void
  /** Takes what the server refused and no call is waiting for. */
  readonly report: (error: SessionError) => void
}

/** Gives a frame to whom it concerns. What it says about the link itself, the connection has taken already. */
export function routeFrame(frame: ServerFrame, { attachments, outbox, directory, onLimits, report }: FrameTakers): void {
  switch (frame.type) {
    case 'welcome':
      return onLimits(frame.limits)
    case 'attached':
    case 'batch':
    case 'detached':
      return attachments.get(frame.session)?.take(frame)
    case 'accepted':
      return outbox.accept(frame)
    case 'refused':
      if (outbox.refuse(frame)) return
      if (frame.id === undefined) return report(new SessionError(frame.code, frame.message, { retryMs: frame.retryMs }))
      for (const { refused } of attachments.values()) refused(frame)
      return
    case 'directory':
      return directory.take(frame)
    case 'ping':
      for (const [session, sent] of Object.entries(frame.sent)) attachments.get(session)?.pinged(sent)
      return
    case 'pong':
    case 'bye':
    case 'closed':
      return
    default:
      return frame satisfies never
  }
}
