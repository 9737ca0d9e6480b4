import type { LineSwitch } from './line-switch.ts'

/** The fetch of a page whose line has switches: answers pass through them as they come. */
export interface SwitchedFetch {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Breaks all requests that are under way, and the streams of their answers. */
  readonly cut: () => void
  /** Lets what waits look at the switches again. */
  readonly release: () => void
}

/** Puts the switches into fetch. What a black hole holds back comes when it closes, as TCP has it. */
export function switchedFetch(isOn: (name: LineSwitch) => boolean): SwitchedFetch {
  let line = new AbortController()
  let waiting: (() => void)[] = []

  async function pass(isHeld: () => boolean): Promise<void> {
    while (isHeld()) await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function throughSwitches(body: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
    const gate = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      async transform(chunk, controller) {
        await pass(() => !signal.aborted && (isOn('hole') || isOn('stall')))
        controller.enqueue(chunk)
      },
    })
    return body.pipeThrough(gate, { signal })
  }

  return {
    async fetch(url, init) {
      await pass(() => isOn('hole'))
      if (isOn('cut')) throw broken()
      const signal = init.signal ? AbortSignal.any([init.signal, line.signal]) : line.signal
      const answer = await fetch(url, { ...init, signal })
      if (answer.body === null) return answer
      const { status, statusText, headers } = answer
      return new Response(throughSwitches(answer.body, signal), { status, statusText, headers })
    },
    cut() {
      const before = line
      line = new AbortController()
      before.abort(broken())
      release()
    },
    release,
  }

  function release(): void {
    const free = waiting
    waiting = []
    for (const go of free) go()
  }
}

function broken(): TypeError {
  return new TypeError('The line is cut by the inspector.')
}
