import type { Session } from '@throughline/sdk'

/** Watches that a session's listeners are told each event at most once, in its order. A snapshot may lead back. */
export function watchEvents(session: Session, onFault: (fault: string) => void): void {
  let told = 0
  let isOver = true
  session.on('reset', () => {
    told = 0
  })
  // Comes behind the events of each batch; those of a merged one have a seq in common.
  session.on('change', () => {
    isOver = true
  })
  session.on('event', ({ type }, { seq }) => {
    if (seq < told || (seq === told && isOver)) onFault(`${type} at ${seq} was told after ${told}`)
    told = seq
    isOver = false
  })
}
