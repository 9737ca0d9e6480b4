import { Outflow } from '../../src/http/outflow.ts'
import { manualTimers } from '../manual-timers.ts'

/** The way out of a link that is full, and empty again, when the test says so. */
export function filling() {
  const passes: (() => void)[] = []
  const link = new Outflow({
    timers: manualTimers(),
    write: (_piece, _isLast, passed) => passes.push(passed),
    onMoved: () => undefined,
    onStalled: () => undefined,
  })
  return {
    link,
    /** Fills it up to the rim. */
    fill: () => link.send(Buffer.alloc(256 * 1024)),
    /** All of it goes out. */
    drain: () => {
      for (let pass = passes.shift(); pass !== undefined; pass = passes.shift()) pass()
    },
  }
}
