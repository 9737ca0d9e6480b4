import type { CloseReason } from '@throughline/sdk/protocol'

/** The way to one client, as viewers use it: a socket, or an event stream. */
export interface ViewerLink {
  /** Hands over an encoded frame. After the link closed it does nothing. */
  send(frame: Buffer | string): void
  /** Whether less waits on the way to the client than a slow link may hold (256 KiB). */
  hasRoom(): boolean
  /** Calls back once, when there is room again. Never calls back after the link closed. */
  whenRoom(callback: () => void): void
  /**
   * Runs what may send a snapshot: one such task at a time, each begun where there is room, or a link that watches many sessions would hold as many
   * snapshots. Never runs it after the link closed.
   */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result>
  /** Closes the whole link. */
  close(reason: CloseReason): void
}
