import type { ServerFrame } from '@throughline/sdk/protocol'
import type { ViewerLink } from '../journal/viewer-link.ts'

/** The way to one client that carries all its sessions: a WebSocket, or the event stream that stands in for one. */
export interface ClientLink extends ViewerLink {
  readonly sendFrame: (frame: ServerFrame) => void
}
