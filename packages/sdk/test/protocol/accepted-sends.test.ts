import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeClientFrame, EMPTY_TRANSCRIPT, type SendFrame, type UserMessage } from '../../src/protocol/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'
import { ANY_CLIENT_FRAME } from './arbitrary-frames.ts'

/** Any send of a user's message that the codec takes, with whatever else a client writes into it. */
const anySend = fc
  .tuple(ANY_CLIENT_FRAME.send as fc.Arbitrary<Partial<SendFrame>>, fc.dictionary(fc.string(), fc.jsonValue()))
  .map(([frame, extra]) => ({ ...frame, ...(frame.message && { message: { ...extra, ...frame.message } }) }))
  .map((frame) => decodeClientFrame(JSON.stringify(frame)))
  .map((decoded) => (decoded.kind === 'frame' && decoded.frame.type === 'send' ? decoded.frame.message : undefined))
  .filter((message): message is UserMessage => message?.role === 'user')

const partsOf = ({ content }: UserMessage) => (typeof content === 'string' ? 1 : content.length)

test('what the codec takes stands in the transcript, with all its parts', () => {
  fc.assert(
    fc.property(anySend, (message) => {
      const input = { threadId: 's', runId: 'r', messages: [message], tools: [], context: [] }
      const { messages } = applyEvents(EMPTY_TRANSCRIPT, [{ type: 'RUN_STARTED', threadId: 's', runId: 'r', input }])
      expect(messages).toMatchObject([{ id: message.id, role: 'user' }])
      expect(messages[0]?.parts).toHaveLength(partsOf(message))
    }),
  )
})

test('and waits in the queue', () => {
  fc.assert(
    fc.property(anySend, (message) => {
      const { queue } = applyEvents(EMPTY_TRANSCRIPT, [{ type: 'CUSTOM', name: 'throughline/queued', value: { message, by: 'ann' } }])
      expect(queue).toEqual([{ message, by: 'ann' }])
    }),
  )
})
