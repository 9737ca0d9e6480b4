import type { CloseReason } from '@throughline/sdk/protocol'

/** The way to one client, as viewers use it: a socket, or an event stream. */
export interface ViewerLink {
  /** Hands over an encoded frame. After the link closed it does nothing. */
  send(frame: Buffer | string): void
  /** Whether less waits on the way to the client than a slow link may hold (256 KiB). */
  hasRoom(): boolean
  /** Calls back once, when there is room again. Never calls back after the link closed. */
  whenRoom(callback: () => void): void
  /** Keeps room for a batch that is still being read, until the answer is called: as many are read at once as the link can take. */
  keepRoom(): () => void
  /**
   * Sends what may be large, such as a snapshot. One at a time is prepared, where there is room, and then sent, where there still is: a link that
   * watches many sessions would hold as many snapshots. Settles when it was sent, or never will be because the link closed.
   *
   * @throws What `prepare` throws.
   */
  inTurn(prepare: () => Promise<() => void>): Promise<void>
  /** Closes the whole link. */
  close(reason: CloseReason): void
}
