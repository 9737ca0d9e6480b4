/** Painting that happens at most once a frame, however often it is asked for. */
export interface FramePainter {
  readonly request: () => void
  readonly cancel: () => void
}

/** Gathers all requests between two frames into one call. A hidden page paints nothing until it is shown again. */
export function onceAFrame(paint: () => void): FramePainter {
  let frame: number | undefined
  return {
    request() {
      frame ??= requestAnimationFrame(() => {
        frame = undefined
        paint()
      })
    },
    cancel() {
      if (frame !== undefined) cancelAnimationFrame(frame)
      frame = undefined
    },
  }
}
