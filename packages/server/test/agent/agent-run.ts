import { verifyEvents } from '@ag-ui/client'
import type { BaseEvent } from '@ag-ui/core'
import { concatMap, EMPTY, from, lastValueFrom, of, toArray } from 'rxjs'
import type { AgentEvent, AgentRun } from '../../src/agent/contract.ts'

/** What an agent is given, with a user's text as the only message unless a test says more. */
export function agentRun(given: Partial<AgentRun> & { readonly text?: string } = {}): AgentRun {
  const { text = 'hello', ...rest } = given
  return {
    sessionId: 'session',
    runId: 'run',
    messages: [{ id: 'u1', role: 'user', content: text }],
    input: { tools: [], context: [] },
    signal: new AbortController().signal,
    ask: () => Promise.reject(new Error('nobody is here to answer')),
    ...rest,
  }
}

/** What an agent did, and how it ended. */
export interface Played {
  readonly events: readonly AgentEvent[]
  readonly failure: unknown
}

/** Plays an agent's events to their end, or to what it throws. */
export async function play(events: AsyncIterable<AgentEvent>, onEvent: (event: AgentEvent) => void = () => {}): Promise<Played> {
  const seen: AgentEvent[] = []
  try {
    for await (const event of events) {
      seen.push(event)
      onEvent(event)
    }
  } catch (failure) {
    return { events: seen, failure }
  }
  return { events: seen, failure: undefined }
}

/** Puts events between RUN_STARTED and a terminal and lets AG-UI's own verifier judge them; it throws at the first that is out of place. */
export async function verified(events: readonly AgentEvent[]): Promise<readonly AgentEvent[]> {
  const log: AgentEvent[] = [{ type: 'RUN_STARTED', threadId: 'session', runId: 'run' }, ...events]
  if (!isTerminal(log.at(-1))) log.push({ type: 'RUN_FINISHED', threadId: 'session', runId: 'run' })
  const passed = from(log as unknown as BaseEvent[]).pipe(
    verifyEvents(false),
    concatMap((event) => (event === undefined ? EMPTY : of(event))),
    toArray(),
  )
  await lastValueFrom(passed)
  return events
}

function isTerminal(event: AgentEvent | undefined): boolean {
  return event?.type === 'RUN_FINISHED' || event?.type === 'RUN_ERROR'
}

/** All text that events say. */
export function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : '')).join('')
}

/** All reasoning in events. */
export function reasoningOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === 'REASONING_MESSAGE_CONTENT' ? event.delta : '')).join('')
}

/** The tool calls in events, with their arguments put together and their results. */
export function callsOf(events: readonly AgentEvent[]): readonly { id: string; name: string; args: string; result?: unknown }[] {
  const calls = new Map<string, { id: string; name: string; args: string; result?: unknown }>()
  for (const event of events) {
    if (event.type === 'TOOL_CALL_START') calls.set(event.toolCallId, { id: event.toolCallId, name: event.toolCallName, args: '' })
    if (event.type === 'TOOL_CALL_ARGS')
      Object.assign(calls.get(event.toolCallId) ?? {}, { args: (calls.get(event.toolCallId)?.args ?? '') + event.delta })
    if (event.type === 'TOOL_CALL_RESULT') Object.assign(calls.get(event.toolCallId) ?? {}, { result: event.content })
  }
  return [...calls.values()]
}

/** The types of events, one after the other. */
export function typesOf(events: readonly AgentEvent[]): readonly string[] {
  return events.map(({ type }) => type)
}
