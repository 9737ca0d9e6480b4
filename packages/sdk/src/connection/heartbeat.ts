import type { Clock } from '../clock.ts'

/** Finds out that the other side of a link is gone. No event tells: a network that changed leaves a socket open for ever. */
export interface Heartbeat {
  /** A frame arrived. */
  readonly heard: () => void
  /** The answer to our ping `n` arrived; without `n`, what says as much. */
  readonly answered: (n?: number) => void
  /** Whether the link has been silent for longer than it may, by the clock. */
  readonly isSilent: () => boolean
  /** Whether a probe waits for its answer. */
  readonly isAsking: () => boolean
  /** Whether it does, and nothing came for the last 150 ms. */
  readonly isDoubted: () => boolean
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
  /** A probe was answered, so many milliseconds after it was sent. */
  readonly onAnswer: (ms: number) => void
  /** A probe is unanswered, and nothing came for 150 ms; again after each frame, and when it is asked for once more. */
  readonly onDoubt: () => void
  /** The other side is gone: silent for too long, or a probe got no answer. */
  readonly onDead: (why: 'silent' | 'unanswered') => void
}

const PROBE_MS = 2_000
const DOUBT_MS = 150
// Looked at so often, a machine that slept, or a limit that became shorter, is noticed soon whatever timers were set before.
const LOOK_MS = 5_000
// A timer that comes so late proves no silence: the machine slept, or the clock was set, and what came meanwhile may lie there unread.
const GRACE_MS = 1_000

/** Begins to watch a link. */
export function startHeartbeat({ clock, silenceMs, ping, onAnswer, onDoubt, onDead }: HeartbeatOptions): Heartbeat {
  let heardAt = clock.now()
  let frames = 0
  let pings = 0
  let lookTimer: unknown
  let doubtTimer: unknown
  let isDoubted = false
  // What lay there at waking comes in a row, also from a link that is dead. Only what comes after the first pause is news.
  let framesAtPause: number | undefined
  let question: { readonly n: number; readonly askedAt: number; readonly timer: unknown } | undefined

  /** Looks how long the link has been silent. */
  function look(isLate: boolean, isSpared = false): void {
    // A clock that was set back must not make a silent link look alive until it has caught up.
    heardAt = Math.min(heardAt, clock.now())
    const leftMs = silenceMs() - silentMs()
    if (leftMs > 0) lookTimer = after(Math.min(leftMs, LOOK_MS), look)
    else if (isLate && !isSpared) {
      ping(++pings)
      lookTimer = after(GRACE_MS, (late) => look(late, true))
    } else onDead('silent')
  }

  /** A slow link that brings a backlog, with the answer behind it, is alive; one that brought what lay there at waking is not. */
  function awaitAnswer(ms: number, isSpared = false): unknown {
    const framesBefore = frames
    return after(ms, (isLate) => {
      if (!question) return
      const isBusy = frames > Math.max(framesBefore, framesAtPause ?? 0)
      if (isBusy || (isLate && !isSpared)) question = { ...question, timer: awaitAnswer(isBusy ? PROBE_MS : GRACE_MS, !isBusy) }
      else onDead('unanswered')
    })
  }

  /** Doubts the link as soon as nothing comes for a moment. */
  function awaitPause(): void {
    isDoubted = false
    clock.clearTimeout(doubtTimer)
    if (!question) return
    doubtTimer = after(DOUBT_MS, (isLate) => {
      if (isLate) return awaitPause()
      isDoubted = true
      framesAtPause ??= frames
      onDoubt()
    })
  }

  /** Calls back after so long, and says whether that was late. */
  function after(ms: number, due: (isLate: boolean) => void): unknown {
    const dueAt = clock.now() + ms
    return clock.setTimeout(() => due(clock.now() - dueAt >= GRACE_MS), ms)
  }

  function silentMs(): number {
    return clock.now() - heardAt
  }

  look(false)
  return {
    heard: () => {
      heardAt = clock.now()
      frames += 1
      awaitPause()
    },
    answered: (n = question?.n) => {
      if (!question || n !== question.n) return
      clock.clearTimeout(question.timer)
      onAnswer(Math.max(0, clock.now() - question.askedAt))
      question = undefined
      awaitPause()
    },
    isSilent: () => silentMs() >= silenceMs(),
    isAsking: () => question !== undefined,
    isDoubted: () => isDoubted,
    probe: () => {
      if (!question) {
        framesAtPause = undefined
        question = { n: ++pings, askedAt: clock.now(), timer: awaitAnswer(PROBE_MS) }
        ping(pings)
      }
      awaitPause()
    },
    stop: () => {
      clock.clearTimeout(doubtTimer)
      clock.clearTimeout(lookTimer)
      clock.clearTimeout(question?.timer)
    },
  }
}
