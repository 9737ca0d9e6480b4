/** What NetInfo says of the network. */
export interface NetworkState {
  /** e.g. `wifi` or `cellular`. */
  readonly type: string
  /** Null: it does not know. */
  readonly isConnected: boolean | null
}

/** The news in what NetInfo says, if any. `before`: what it said last; it says where things stand at once, which is not yet a change. */
export function networkNews(before: NetworkState | undefined, after: NetworkState): 'online' | 'offline' | undefined {
  const wasOffline = before?.isConnected === false
  if (after.isConnected === false) return wasOffline ? undefined : 'offline'
  // A socket of the network before this one is dead, and nothing else will say so.
  const isAnotherNetwork = before !== undefined && before.type !== 'unknown' && before.type !== after.type
  return wasOffline || isAnotherNetwork ? 'online' : undefined
}
