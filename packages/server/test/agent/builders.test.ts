import { expect, test } from 'vitest'
import {
  activity,
  activityDelta,
  callTool,
  custom,
  finish,
  say,
  state,
  stateDelta,
  step,
  think,
  toolResult,
} from '../../src/agent/builders.ts'
import type { AgentEvent } from '../../src/agent/contract.ts'
import { agentRun, play, typesOf, verified } from './agent-run.ts'

async function* pieces(...texts: readonly string[]): AsyncGenerator<string, void, undefined> {
  for (const text of texts) yield await Promise.resolve(text)
}

async function* failing(): AsyncGenerator<string, never, undefined> {
  yield 'so far'
  throw new Error('no further')
}

async function* talkative(): AsyncGenerator<AgentEvent> {
  yield* think(pieces('Hm', '…'))
  yield* say('Let me look.')
  const id = yield* callTool({ name: 'look' })
  yield toolResult(id, [{ type: 'text', text: 'seen' }])
  yield* step('tell', say(pieces('I ', 'saw it.')))
  yield state({ seen: 0 })
  yield stateDelta([{ op: 'replace', path: '/seen', value: 1 }])
  const shown = activity('app/search', { hits: 0 })
  yield shown
  yield activityDelta(shown, [{ op: 'replace', path: '/hits', value: 2 }])
  yield custom('app/note', { id: 'n1' })
  yield finish(agentRun(), { outcome: { type: 'success' } })
}

test('say tells a whole text as one message', async () => {
  const { events } = await play(say('Hello', { id: 'm1' }))
  expect(events).toEqual([
    { type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'Hello' },
    { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
  ])
})

test('say streams one message out of many pieces, and leaves out the empty ones', async () => {
  const { events } = await play(say(pieces('', 'one ', '', 'two')))
  expect(typesOf(events)).toEqual(['TEXT_MESSAGE_START', 'TEXT_MESSAGE_CONTENT', 'TEXT_MESSAGE_CONTENT', 'TEXT_MESSAGE_END'])
})

test('say takes a plain list of pieces too', async () => {
  const { events } = await play(say(['one ', 'two']))
  expect(events.flatMap((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? [event.delta] : []))).toEqual(['one ', 'two'])
})

test('saying nothing opens nothing', async () => {
  expect((await play(say(''))).events).toEqual([])
  expect((await play(think(pieces('', '')))).events).toEqual([])
})

test('each message has an id of its own, which say returns', async () => {
  const ids: string[] = []
  async function* twice(): AsyncGenerator<AgentEvent> {
    ids.push(yield* say('one'), yield* say('two'))
  }
  const { events } = await play(twice())
  expect(new Set(ids).size).toBe(2)
  expect(events.flatMap((event) => (event.type === 'TEXT_MESSAGE_START' ? [event.messageId] : []))).toEqual(ids)
})

test('a source that fails leaves its message open, for the host to close', async () => {
  const { events, failure } = await play(say(failing()))
  expect(typesOf(events)).toEqual(['TEXT_MESSAGE_START', 'TEXT_MESSAGE_CONTENT'])
  expect(failure).toEqual(new Error('no further'))
})

test('think tells a span of reasoning around one message', async () => {
  const { events } = await play(think('Hm', { id: 't1' }))
  expect(events).toEqual([
    { type: 'REASONING_START', messageId: 't1' },
    { type: 'REASONING_MESSAGE_START', messageId: 't1', role: 'reasoning' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId: 't1', delta: 'Hm' },
    { type: 'REASONING_MESSAGE_END', messageId: 't1' },
    { type: 'REASONING_END', messageId: 't1' },
  ])
})

test('callTool tells arguments given as an object as JSON, and returns the id for the result', async () => {
  let id = ''
  async function* call(): AsyncGenerator<AgentEvent> {
    id = yield* callTool({ name: 'weather', args: { place: 'Rome' }, parentMessageId: 'm1' })
    yield toolResult(id, 'sunny')
  }
  const { events } = await play(call())
  expect(events).toMatchObject([
    { type: 'TOOL_CALL_START', toolCallId: id, toolCallName: 'weather', parentMessageId: 'm1' },
    { type: 'TOOL_CALL_ARGS', toolCallId: id, delta: '{"place":"Rome"}' },
    { type: 'TOOL_CALL_END', toolCallId: id },
    { type: 'TOOL_CALL_RESULT', toolCallId: id, content: 'sunny', role: 'tool' },
  ])
})

test('callTool streams arguments that come in pieces, under the id that it is given', async () => {
  const { events } = await play(callTool({ id: 'c1', name: 'weather', args: pieces('{"place"', ':"Rome"}') }))
  expect(events.flatMap((event) => (event.type === 'TOOL_CALL_ARGS' ? [event.toolCallId, event.delta] : []))).toEqual([
    'c1',
    '{"place"',
    'c1',
    ':"Rome"}',
  ])
})

test('step puts events between its start and its end', async () => {
  const { events } = await play(step('plan', say('Hm')))
  expect(events.at(0)).toEqual({ type: 'STEP_STARTED', stepName: 'plan' })
  expect(events.at(-1)).toEqual({ type: 'STEP_FINISHED', stepName: 'plan' })
})

test('single events carry what they are given', () => {
  expect(state({ count: 1 })).toEqual({ type: 'STATE_SNAPSHOT', snapshot: { count: 1 } })
  expect(stateDelta([{ op: 'remove', path: '/count' }])).toEqual({ type: 'STATE_DELTA', delta: [{ op: 'remove', path: '/count' }] })
  expect(custom('app/note', { id: 'n1' })).toEqual({ type: 'CUSTOM', name: 'app/note', value: { id: 'n1' } })
  expect(finish({ sessionId: 's', runId: 'r' }, { result: 3 })).toEqual({ type: 'RUN_FINISHED', threadId: 's', runId: 'r', result: 3 })
})

test('activityDelta changes the activity that was shown', () => {
  const shown = activity('app/search', { hits: 0 })
  expect(activityDelta(shown, [{ op: 'replace', path: '/hits', value: 2 }])).toMatchObject({
    type: 'ACTIVITY_DELTA',
    messageId: shown.messageId,
    activityType: 'app/search',
  })
})

test('an agent made of all builders passes the AG-UI verifier', async () => {
  const { events } = await play(talkative())
  expect(await verified(events)).toHaveLength(events.length)
})
