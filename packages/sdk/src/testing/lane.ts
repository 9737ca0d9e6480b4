/** What travels from one end to the other. */
export type Parcel =
  | { readonly kind: 'open' }
  | { readonly kind: 'frame'; readonly text: string; readonly bytes: number; readonly sent?: ((error?: Error) => void) | undefined }
  /** `answer`: the other end has closed, too. */
  | { readonly kind: 'close'; readonly code: number; readonly reason: string; readonly answer: boolean }

/** One direction of a wire. */
export interface Lane {
  /** Where what arrives is handed over. */
  deliver: (parcel: Parcel) => void
  post(parcel: Parcel): void
  waitingBytes(): number
  hold(): void
  /** Delivers what waits, now, as one packet. */
  flush(): void
  release(): void
  /** From now on nothing arrives, and nothing ever will. */
  lose(): void
}

/** Opens a direction. What is posted in one turn leaves as one packet. */
export function openLane(): Lane {
  let state: 'flowing' | 'held' | 'lost' = 'flowing'
  let waiting: Parcel[] = []
  let isScheduled = false

  function flush(): void {
    const packet = waiting
    waiting = []
    for (const parcel of packet) self.deliver(parcel)
  }

  function schedule(): void {
    if (isScheduled || state !== 'flowing') return
    isScheduled = true
    queueMicrotask(() => {
      isScheduled = false
      if (state === 'flowing') flush()
    })
  }

  const self: Lane = {
    deliver: () => {},
    post: (parcel) => {
      waiting.push(parcel)
      schedule()
    },
    waitingBytes: () => waiting.reduce((bytes, parcel) => bytes + (parcel.kind === 'frame' ? parcel.bytes : 0), 0),
    hold: () => {
      if (state === 'flowing') state = 'held'
    },
    flush: () => {
      if (state !== 'lost') flush()
    },
    release: () => {
      if (state === 'held') state = 'flowing'
      schedule()
    },
    lose: () => {
      state = 'lost'
    },
  }
  return self
}
