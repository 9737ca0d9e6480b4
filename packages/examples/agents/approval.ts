import { setTimeout as pause } from 'node:timers/promises'
import { callTool, say, think, toolResult, type Agent } from '@throughline/server'

/** Books a table, but not before a person has agreed; that may take days. */
export const agent: Agent = {
  name: 'approval',
  async *run(run) {
    yield* think('A booking binds somebody, so I ask first.')
    const booking = { restaurant: 'Da Enzo', seats: 4, at: '20:00' }
    const id = yield* callTool({ name: 'book_table', args: booking })

    const answer = await run.ask({
      reason: 'approval',
      message: `Book a table for ${booking.seats} at ${booking.restaurant}, ${booking.at}?`,
      toolCallId: id,
      responseSchema: { type: 'object', properties: { approved: { type: 'boolean' } }, required: ['approved'] },
    })
    if (answer.status === 'cancelled' || !isApproved(answer.payload)) {
      yield toolResult(id, 'not booked: nobody agreed')
      yield* say('Then I leave it.')
      return
    }

    await pause(100, undefined, { signal: run.signal })
    yield toolResult(id, JSON.stringify({ booked: true, agreedBy: answer.by }))
    yield* say(`Booked. ${answer.by} agreed to it.`)
  },
}

function isApproved(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'approved' in payload && payload.approved === true
}
