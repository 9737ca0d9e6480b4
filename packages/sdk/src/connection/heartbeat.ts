import type { Clock } from '../clock.ts'

/** Finds out that the other side of a link is gone. No event tells: a network that changed leaves a socket open for ever. */
export interface Heartbeat {
  /** A frame arrived. */
  readonly heard: () => void
  /** The answer to our ping `n` arrived. */
  readonly answered: (n: number) => void
  /** Whether the link has been silent for longer than it may, by the clock. */
  readonly isSilent: () => boolean
  /** Asks for a sign of life within 2 s. One question at a time. */
  readonly probe: () => void
  readonly stop: () => void
}

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  readonly clock: Clock
  /** How long the link may be silent, as things stand. */
  readonly silenceMs: () => number
  readonly ping: (n: number) => void
  /** The other side is gone: silent for too long, or a probe got no answer. */
  readonly onDead: (why: 'silent' | 'unanswered') => void
}

const PROBE_MS = 2_000
// Looked at so often, a machine that slept, or a limit that became shorter, is noticed soon whatever timers were set before.
const LOOK_MS = 5_000

/** Begins to watch a link. */
export function startHeartbeat({ clock, silenceMs, ping, onDead }: HeartbeatOptions): Heartbeat {
  let heardAt = clock.now()
  let lookTimer: unknown
  let pings = 0
  let question: { readonly n: number; timer: unknown } | undefined

  const silentMs = () => clock.now() - heardAt

  function look(): void {
    const leftMs = silenceMs() - silentMs()
    if (leftMs <= 0) return onDead('silent')
    lookTimer = clock.setTimeout(look, Math.min(leftMs, LOOK_MS))
  }

  function awaitAnswer(): unknown {
    const askedAt = clock.now()
    return clock.setTimeout(() => {
      // A slow link that brings a backlog, with the answer behind it, is alive; one that brought what lay there at waking is not.
      if (question && heardAt > askedAt) question.timer = awaitAnswer()
      else onDead('unanswered')
    }, PROBE_MS)
  }

  look()
  return {
    heard: () => {
      heardAt = clock.now()
    },
    answered: (n) => {
      if (n !== question?.n) return
      clock.clearTimeout(question.timer)
      question = undefined
    },
    isSilent: () => silentMs() >= silenceMs(),
    probe: () => {
      if (question) return
      question = { n: ++pings, timer: awaitAnswer() }
      ping(pings)
    },
    stop: () => {
      clock.clearTimeout(lookTimer)
      clock.clearTimeout(question?.timer)
    },
  }
}
