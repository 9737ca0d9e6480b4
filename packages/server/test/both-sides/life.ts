import type { Pace } from './pace.ts'

/** The life of a process or a page. When it ends nothing of it goes on: no timer fires, and nothing that was asked is answered. */
export interface Life {
  readonly isOver: () => boolean
  readonly end: () => void
  readonly ended: Promise<void>
}

interface Timers {
  readonly now: () => number
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}

/** Begins a life. */
export function beginLife(): Life {
  let isOver = false
  let tell: (() => void) | undefined
  const ended = new Promise<void>((resolve) => {
    tell = resolve
  })
  return {
    isOver: () => isOver,
    end: () => {
      isOver = true
      tell?.()
    },
    ended,
  }
}

/** Timers that fire only in this life. */
export function timersOf(life: Life, { now, setTimeout, clearTimeout }: Timers): Timers {
  return {
    now,
    setTimeout: (callback, delayMs) => setTimeout(() => !life.isOver() && callback(), delayMs),
    clearTimeout,
  }
}

/**
 * A store or a storage as this life sees it: other things happen before and after everything it does, which one that answers in the same turn
 * would hide. What outlives it is what was done when it ended.
 */
export function withinLife<Target extends object>(target: Target, life: Life, pace: Pace): Target {
  const alive = () => (life.isOver() ? new Promise<void>(() => {}) : undefined)
  return new Proxy(target, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name)
      if (typeof value !== 'function') return value
      // What listens is not asked and answered: it must begin at once.
      if (String(name).startsWith('watch'))
        return (listener: (...news: unknown[]) => void) =>
          Reflect.apply(value, of, [(...news: unknown[]) => !life.isOver() && listener(...news)])
      return async (...args: unknown[]) => {
        await pace.pause()
        await alive()
        const answer: unknown = await Reflect.apply(value, of, args)
        await pace.pause()
        await alive()
        return answer
      }
    },
  })
}
