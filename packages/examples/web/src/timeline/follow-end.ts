/** Keeps a scroller at its end while a person is there, and leaves it alone while they read further up. */
export interface FollowEnd {
  /** Call after the content has changed. */
  readonly contentChanged: () => void
  /** Goes to the end and follows it from now on. */
  readonly toEnd: () => void
}

const NEAR_END_PX = 48

/** Follows the end of a scroller. `away` is told when there is something below that the person does not see. */
export function followEnd(scroller: HTMLElement, away: (isAway: boolean) => void): FollowEnd {
  let following = true
  let bottom = 0
  let size = sizeOf(scroller)

  function jump(): void {
    scroller.scrollTop = scroller.scrollHeight
    bottom = scroller.scrollTop
  }

  scroller.addEventListener('scroll', () => {
    // In a window that changes its size the browser moves the content, and nobody left: the observer below goes back.
    if (sizeOf(scroller) !== size) return
    // Content that grew makes the end move away without anybody scrolling: only going up is leaving.
    if (scroller.scrollTop < bottom - 1) following = false
    if (scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < NEAR_END_PX) following = true
    bottom = scroller.scrollTop
    away(!following)
  })
  // A composer that grows, a keyboard that opens, a phone that is turned.
  new ResizeObserver(() => {
    size = sizeOf(scroller)
    if (following) jump()
    else bottom = scroller.scrollTop
  }).observe(scroller)

  return {
    contentChanged() {
      if (following) jump()
    },
    toEnd() {
      following = true
      away(false)
      jump()
    },
  }
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement): string {
  return `${clientWidth} × ${clientHeight}`
}
