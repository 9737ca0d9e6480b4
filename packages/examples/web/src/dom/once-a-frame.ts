/** Painting that happens at most once a frame, however often it is asked for. */
export interface FramePainter {
  readonly request: () => void
  readonly cancel: () => void
}

/** A painting that takes longer than this leaves no room for anything else in its frame. */
const LONG_MS = 10
const LONGEST_REST_MS = 1_000

/**
 * Gathers all requests between two frames into one call. A hidden page paints nothing until it is shown again. After a long painting
 * it rests three times as long, so that the page stays usable however much there is to paint.
 */
export function onceAFrame(paint: () => void): FramePainter {
  let frame: number | undefined
  let rest: ReturnType<typeof setTimeout> | undefined
  let asked = false

  function run(): void {
    frame = undefined
    asked = false
    const began = performance.now()
    paint()
    const tookMs = performance.now() - began
    if (tookMs > LONG_MS) rest = setTimeout(rested, Math.min(3 * tookMs, LONGEST_REST_MS))
  }

  function rested(): void {
    rest = undefined
    if (asked) frame ??= requestAnimationFrame(run)
  }

  return {
    request() {
      asked = true
      if (rest === undefined) frame ??= requestAnimationFrame(run)
    },
    cancel() {
      asked = false
      clearTimeout(rest)
      rest = undefined
      if (frame !== undefined) cancelAnimationFrame(frame)
      frame = undefined
    },
  }
}
