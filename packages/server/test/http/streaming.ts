import type { ClientFrame, HelloFrame, ServerFrame } from '@throughline/sdk/protocol'
import { expect } from 'vitest'
import { turn } from '../manual-timers.ts'
import { until } from '../until.ts'
import { ANN, type Serving } from './serving.ts'

export const HELLO: HelloFrame = { type: 'hello', client: { name: 'test', version: '1' } }

/** The client's end of an event stream for all its sessions. */
export interface Streamed {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  /** All that came so far. */
  text(): string
  /** The next frame of this type that was not heard yet. */
  hear<Type extends ServerFrame['type']>(type: Type): Promise<Extract<ServerFrame, { type: Type }>>
  /** Frames that were not heard yet, in their order. */
  unheard(): readonly ServerFrame[]
  isOver(): boolean
  ended(): Promise<void>
  /** The client leaves. */
  leave(): void
}

/** Opens a stream, by hello and what else is asked. */
export async function openStream(
  { app }: Pick<Serving, 'app'>,
  asked: readonly ClientFrame[] = [],
  options: { readonly hello?: Partial<HelloFrame>; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Streamed> {
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/stream',
    headers: { ...ANN, ...options.headers },
    payload: [{ ...HELLO, ...options.hello }, ...asked],
    payloadAsStream: true,
  })
  let text = ''
  let over = false
  let heard = 0
  const frames: ServerFrame[] = []
  const stream = answer.stream()
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    const events = framesOf(text)
    frames.push(...events.slice(heard))
    heard = events.length
  })
  stream.on('close', () => (over = true))
  return {
    statusCode: answer.statusCode,
    headers: answer.headers,
    text: () => text,
    async hear(type) {
      const at = await until(() => {
        const found = frames.findIndex((frame) => frame.type === type)
        if (found === -1) throw new Error(`waited for ${type}, heard ${JSON.stringify(frames)}`)
        return found
      })
      // Until the server, too, knows that all of it was taken: an injected answer passes on one write a turn.
      for (let n = 0; n < 8; n++) await turn()
      return frames.splice(at, 1)[0] as never
    },
    unheard: () => frames,
    isOver: () => over,
    ended: () => until(() => expect(over).toBe(true)),
    leave: () => stream.destroy(),
  }
}

/** The frames in the text of a stream, as far as they are whole. */
function framesOf(text: string): readonly ServerFrame[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice('data: '.length)) as ServerFrame)
}
