import { decodeServerFrame } from '@throughline/sdk/protocol'
import type { LineSwitch, SwitchNews } from './line-switch.ts'
import { switchedFetch } from './switched-fetch.ts'

/** Switches in the line between this page and its server, with the socket class and the fetch that go through them. */
export interface LineSwitches {
  readonly WebSocket: typeof WebSocket
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly isOn: (name: LineSwitch) => boolean
  readonly turn: (name: LineSwitch, on: boolean) => void
  /** Calls back with news; what comes back stops it. */
  readonly listen: (listener: (news: SwitchNews) => void) => () => void
}

/** Puts switches into the line. With all of them off it is a plain WebSocket and a plain fetch. */
export function lineSwitches(): LineSwitches {
  const on = new Set<LineSwitch>()
  const lines = new Set<SwitchedSocket>()
  const listeners = new Set<(news: SwitchNews) => void>()
  const requests = switchedFetch((name) => on.has(name))

  function tell(news: SwitchNews): void {
    for (const listener of listeners) listener(news)
  }

  class SwitchedSocket extends WebSocket {
    readonly #held: Event[] = []
    #passing = false
    #cut = false
    #closing = false

    constructor(url: string | URL, protocols?: string | string[]) {
      if (on.has('refuse')) throw new Error('WebSockets are refused by the inspector.')
      super(url, protocols)
      lines.add(this)
      // These listeners are the first, so what they stop nobody else hears.
      for (const type of ['open', 'message', 'error', 'close']) super.addEventListener(type, (event) => this.#gate(event))
      if (on.has('cut')) super.close()
    }

    override send(frame: string | BufferSource | Blob): void {
      if (!this.#cut && !on.has('hole')) super.send(frame)
    }

    override close(code?: number, reason?: string): void {
      this.#closing = true
      this.#held.length = 0
      super.close(code, reason)
    }

    cut(): void {
      this.#cut = true
      super.close()
      this.#pass(new CloseEvent('close', { code: 1006 }))
    }

    release(): void {
      for (const event of this.#held.splice(0)) this.#pass(copyOf(event))
    }

    #gate(event: Event): void {
      const isOurs = this.#passing || (this.#closing && event.type === 'close')
      if (isOurs || !(this.#cut || on.has('hole') || on.has('stall'))) {
        if (event.type === 'close') lines.delete(this)
        return
      }
      event.stopImmediatePropagation()
      if (this.#cut) return
      // Of a line in a black hole messages are gone for good; that it came up, or ended, shows when the hole closes.
      if (!on.has('hole') || event.type !== 'message') this.#held.push(event)
      tellUnseen(event, on.has('hole'))
    }

    #pass(event: Event): void {
      this.#passing = true
      this.dispatchEvent(event)
      this.#passing = false
    }
  }

  function tellUnseen(event: Event, lost: boolean): void {
    if (!(event instanceof MessageEvent) || typeof event.data !== 'string') return
    const decoded = decodeServerFrame(event.data)
    if (decoded.kind === 'frame' && decoded.frame.type === 'batch')
      tell({ type: 'unseen', session: decoded.frame.session, to: decoded.frame.to, lost })
  }

  return {
    WebSocket: SwitchedSocket,
    fetch: requests.fetch,
    isOn: (name) => on.has(name),
    turn(name, wanted) {
      if (on.has(name) === wanted) return
      if (wanted) on.add(name)
      else on.delete(name)
      tell({ type: 'switch', name, on: wanted })
      // Whoever hears of a lost line may dial the next one at once: that one is not meant.
      const affected = [...lines]
      if ((name === 'cut' || name === 'refuse') && wanted) for (const line of affected) line.cut()
      if (name === 'cut' && wanted) requests.cut()
      if (!on.has('hole') && !on.has('stall')) for (const line of affected) line.release()
      requests.release()
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** An event that was stopped once stays stopped, so it takes another one to deliver it. */
function copyOf(event: Event): Event {
  if (event instanceof MessageEvent) return new MessageEvent(event.type, { data: event.data as unknown, origin: event.origin })
  if (event instanceof CloseEvent) return new CloseEvent(event.type, { code: event.code, reason: event.reason, wasClean: event.wasClean })
  return new Event(event.type)
}
