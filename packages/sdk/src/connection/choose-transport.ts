/** What a link runs over: a WebSocket, or event streams and requests where the network has no way for one. */
export type Transport = 'websocket' | 'stream'

/** Which transport the next link is dialled over, and what led to it. */
export interface TransportChoice {
  readonly transport: Transport
  /** Why it is this one. */
  readonly why: TransportReason
  /** Dials over it in a row that got no welcome. */
  readonly failed: number
  /** Links over it in a row that died young. */
  readonly died: number
  /** Whether a link over it was ever welcome since it was chosen. */
  readonly proven: boolean
}

/**
 * Why a transport was chosen: `first` choice; dials over the other got no answer (`unanswered`) or links over it `died_young`; its code could not be
 * loaded (`not_loaded`); a WebSocket that was tried on the side was welcome (`works_again`).
 */
export type TransportReason = 'first' | 'unanswered' | 'died_young' | 'not_loaded' | 'works_again'

/** How a link, or the attempt at one, ended. */
export interface TransportTrial {
  readonly outcome: 'not_loaded' | 'works_again' | 'ended'
  readonly code: number
  /** How long it lived after its welcome; undefined where it got none. */
  readonly livedMs: number | undefined
  readonly progressed: boolean
  /** We replaced it after a wake signal: that says nothing about its transport. */
  readonly replaced: boolean
}

/** The choice of a client that has dialled nothing yet. */
export const WEBSOCKET_FIRST: TransportChoice = { transport: 'websocket', why: 'first', failed: 0, died: 0, proven: false }

const ENOUGH = 3
const YOUNG_MS = 10_000
const FIRST_SERVER_CODE = 4000

/** Chooses the transport of the next link, after one ended; the same object where nothing changes. */
export function chooseTransport(choice: TransportChoice, trial: TransportTrial): TransportChoice {
  const { outcome, code, livedMs, progressed, replaced } = trial
  if (outcome === 'not_loaded') return chosen('websocket', 'not_loaded')
  // Two young deaths are remembered: where the next WebSocket dies young again, one is enough.
  if (outcome === 'works_again') return { ...chosen('websocket', 'works_again'), died: ENOUGH - 1 }
  // A close code of the server came over it, so there is a way.
  if (code >= FIRST_SERVER_CODE) return { ...choice, failed: 0, died: 0, proven: true }
  if (livedMs === undefined) return replaced ? choice : afterSilence(choice)
  if (choice.transport === 'stream') return { ...choice, failed: 0, proven: true }
  if (progressed || livedMs >= YOUNG_MS) return { ...choice, failed: 0, died: 0, proven: true }
  if (replaced) return { ...choice, failed: 0, proven: true }
  const died = choice.died + 1
  return died < ENOUGH ? { ...choice, failed: 0, died, proven: true } : chosen('stream', 'died_young')
}

/** A dial got no welcome. Where nothing answers at all it is the server that is gone: then each transport has its turn. */
function afterSilence(choice: TransportChoice): TransportChoice {
  const failed = choice.failed + 1
  const isEnough = failed >= ENOUGH || (choice.transport === 'stream' && !choice.proven)
  if (!isEnough) return { ...choice, failed }
  return chosen(choice.transport === 'stream' ? 'websocket' : 'stream', 'unanswered')
}

function chosen(transport: Transport, why: TransportReason): TransportChoice {
  return { transport, why, failed: 0, died: 0, proven: false }
}
