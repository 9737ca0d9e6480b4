import { type AbstractAgent, defaultApplyEvents, verifyEvents } from '@ag-ui/client'
import type { BaseEvent, Message } from '@ag-ui/core'
import fc from 'fast-check'
import { from, lastValueFrom, toArray } from 'rxjs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { SessionEvent } from '../../src/protocol/index.ts'
import { toAgUiMessages } from '../../src/transcript/index.ts'
import { fold } from './log.ts'
import { validLog } from './valid-log.ts'

/** What AG-UI's own client makes of a log, after its verifier found it valid. */
async function applyAsAgUi(log: readonly SessionEvent[]) {
  // Its reducer goes on writing into the messages of a snapshot's event, so it gets a log of its own.
  const agent = { messages: [], pendingInterrupts: [] } as unknown as AbstractAgent
  const events = from(structuredClone(log) as unknown as BaseEvent[]).pipe(verifyEvents())
  const input = { threadId: 's', runId: 'r', state: {}, messages: [], tools: [], context: [], forwardedProps: {} }
  const mutations = await lastValueFrom(defaultApplyEvents(input, events, agent, []).pipe(toArray()))
  return {
    messages: mutations.findLast(({ messages }) => messages !== undefined)?.messages ?? [],
    state: (mutations.findLast(({ state }) => state !== undefined)?.state ?? {}) as unknown,
    interrupts: agent.pendingInterrupts,
  }
}

/**
 * Where the two are meant to differ: what has no content, no calls and no encrypted value is no message here; results stand directly
 * behind the message of their call in the order of the calls, there in that of their arrival, or where a client's message brought them.
 */
function leveled(messages: readonly Message[]): readonly unknown[] {
  const results = new Map<string, Message>()
  const owned = new Set(messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []).map(({ id }) => id) : [])))
  for (const message of messages) if (message.role === 'tool' && owned.has(message.toolCallId)) results.set(message.toolCallId, message)
  return messages.flatMap((message) => {
    if (message.role === 'tool') return results.get(message.toolCallId) === undefined ? [message] : []
    if (message.role !== 'assistant' && message.role !== 'reasoning') return [message]
    const { content = '', toolCalls = [], ...rest } = message as { content?: string; toolCalls?: { id: string }[]; encryptedValue?: string }
    const isBlank = content === '' && toolCalls.length === 0 && rest.encryptedValue === undefined
    return isBlank ? [] : [{ ...rest, content, toolCalls }, ...toolCalls.flatMap(({ id }) => results.get(id) ?? [])]
  })
}

// AG-UI's reducer tells the console of each event that it cannot place.
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))
afterAll(() => void vi.restoreAllMocks())

test('the fold of any valid log says the same as AG-UI’s own client: messages, state and pending interrupts', async () => {
  await fc.assert(
    fc.asyncProperty(validLog, async (log) => {
      const expected = await applyAsAgUi(log)
      const transcript = fold(log)
      expect(leveled(toAgUiMessages(transcript))).toEqual(leveled(expected.messages))
      expect(transcript.agentState ?? {}).toEqual(expected.state)
      expect(transcript.interrupts.map(({ run: _run, ...interrupt }) => interrupt)).toEqual(expected.interrupts)
    }),
    { numRuns: 150 },
  )
})
