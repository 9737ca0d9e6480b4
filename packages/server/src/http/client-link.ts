import type { CloseReason, ServerFrame } from '@throughline/sdk/protocol'
import type { ViewerLink } from '../journal/viewer-link.ts'

/** The way to one client that carries all its sessions: a WebSocket, or the event stream that stands in for one. */
export interface ClientLink extends ViewerLink {
  readonly sendFrame: (frame: ServerFrame) => void
  /** Closes the link without sending what still waits; a last word goes out ahead of that, unless the socket is in the middle of a frame. */
  close(reason: CloseReason, lastWord?: ServerFrame): void
}
