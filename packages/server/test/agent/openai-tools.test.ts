import type { Message } from '@throughline/sdk/protocol'
import { describe, expect, test, vi } from 'vitest'
import { openaiAgent } from '../../src/agent/openai-agent.ts'
import type { ServerTool } from '../../src/agent/server-tool.ts'
import { agentRun, callsOf, play, textOf, typesOf, verified } from './agent-run.ts'
import { chatEndpoint, stream, type Chunk } from './chat-endpoint.ts'
import { ANSWER, call, calling, frontendTool, talk, weather } from './openai-talk.ts'

/** Which messages the calls of a turn belong to, and which text it says first. */
async function parentsOf(...deltas: readonly Chunk[]) {
  const { events } = await talk([stream(deltas, 'tool_calls'), ANSWER], { tools: [weather] })
  const text = events.find((event) => event.type === 'TEXT_MESSAGE_START')
  return {
    text: text?.messageId,
    parents: events.flatMap((event) => (event.type === 'TOOL_CALL_START' ? [event.parentMessageId] : [])),
  }
}

describe('a tool call', () => {
  test('is run, and its result goes to the client and back to the model', async () => {
    const first = stream(
      [
        { content: 'Let me see.' },
        call(0, { id: 'c1', name: 'weather', args: '' }),
        call(0, { args: '{"place":' }),
        call(0, { args: '"Rome"}' }),
      ],
      'tool_calls',
    )
    const { events, endpoint } = await talk([first, ANSWER], { tools: [weather] })
    const result = '{"asked":{"place":"Rome"},"sky":"sunny"}'
    expect(callsOf(await verified(events))).toEqual([{ id: 'c1', name: 'weather', args: '{"place":"Rome"}', result }])
    expect(textOf(events)).toBe('Let me see.Sunny.')
    expect(endpoint.requests[1]?.body.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"place":"Rome"}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: result },
    ])
  })

  test('closes the text before it', async () => {
    const { events } = await talk(
      [stream([{ content: 'See:' }, call(0, { id: 'c1', name: 'weather', args: '{}' })], 'tool_calls'), ANSWER],
      { tools: [weather] },
    )
    expect(typesOf(events).indexOf('TEXT_MESSAGE_END')).toBe(typesOf(events).indexOf('TOOL_CALL_START') - 1)
  })

  test('belongs to the text before it, and without one shares its message with the other calls of the turn', async () => {
    const spoken = await parentsOf({ content: 'See:' }, call(0, { id: 'c1', name: 'weather', args: '{}' }))
    expect(spoken.parents).toEqual([spoken.text])
    const silent = await parentsOf(call(0, { id: 'c1', name: 'weather', args: '{}' }), call(1, { id: 'c2', name: 'weather', args: '{}' }))
    expect(silent.parents[0]).toBeDefined()
    expect(silent.parents[0]).toBe(silent.parents[1])
    expect(silent.parents[0]).not.toBe(silent.text)
  })

  test('keeps what the model thought for its next turn, under the field that it came in', async () => {
    const first = stream([{ reasoning_content: 'I look it up.' }, call(0, { id: 'c1', name: 'weather', args: '{}' })], 'tool_calls')
    const { endpoint } = await talk([first, ANSWER], { tools: [weather] })
    expect(endpoint.requests[1]?.body.messages[1]).toMatchObject({ role: 'assistant', content: null, reasoning_content: 'I look it up.' })
  })

  test('is found by its index where calls come interleaved and later ids are empty', async () => {
    const deltas = [
      call(0, { id: 'c1', name: 'weather', args: '' }),
      call(1, { id: 'c2', name: 'weather', args: '' }),
      call(0, { id: '', args: '{"place":"Rome"}' }),
      call(1, { id: '', args: '{"place":' }),
      call(1, { id: '', args: '"Oslo"}' }),
      call(0, { id: '', args: '' }),
    ]
    const { events } = await talk([stream(deltas, 'tool_calls'), ANSWER], { tools: [weather] })
    expect(callsOf(await verified(events)).map(({ id, args }) => [id, args])).toEqual([
      ['c1', '{"place":"Rome"}'],
      ['c2', '{"place":"Oslo"}'],
    ])
  })

  test('is run as such by a provider that says finish_reason stop', async () => {
    const { events } = await talk([stream([call(0, { id: 'c1', name: 'weather', args: '{}' })], 'stop'), ANSWER], { tools: [weather] })
    expect(textOf(events)).toBe('Sunny.')
  })

  test('gets a fresh id where the provider repeats one of an earlier turn or message, or sends none', async () => {
    const messages: Message[] = [
      { id: 'a1', role: 'assistant', toolCalls: [{ id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{}' } }] },
      { id: 't1', role: 'tool', toolCallId: 'call_0', content: 'rain' },
      { id: 'u1', role: 'user', content: 'and now?' },
    ]
    const again = stream([call(0, { id: 'call_0', name: 'weather', args: '{}' }), call(1, { name: 'weather', args: '{}' })], 'tool_calls')
    const once = calling({ id: 'call_1', name: 'weather' })
    const { events, endpoint } = await talk([again, once, once, ANSWER], { tools: [weather] }, { messages })
    const ids = callsOf(events).map(({ id }) => id)
    expect(new Set([...ids, 'call_0']).size).toBe(5)
    expect(ids.filter((id) => id === 'call_1')).toHaveLength(1)
    expect(endpoint.requests[1]?.body.messages.filter(({ role }) => role === 'tool').map((message) => message['tool_call_id'])).toEqual([
      'call_0',
      ...ids.slice(0, 2),
    ])
  })

  test('that nobody has a tool for is answered with an error, and the model goes on', async () => {
    const { events, endpoint } = await talk([calling({ id: 'c1', name: 'teleport' }), ANSWER], {
      tools: [weather],
    })
    expect(callsOf(await verified(events))[0]?.result).toBe('Error: there is no tool named teleport')
    expect(endpoint.requests[1]?.body.messages.at(-1)).toMatchObject({ role: 'tool', content: 'Error: there is no tool named teleport' })
    expect(textOf(events)).toBe('Sunny.')
  })

  test('with arguments that are not JSON is not run but answered with an error, and goes back as {}', async () => {
    const execute = vi.fn()
    const { events, endpoint } = await talk([stream([call(0, { id: 'c1', name: 'weather', args: '{"place"' })], 'tool_calls'), ANSWER], {
      tools: [{ ...weather, execute }],
    })
    expect(execute).not.toHaveBeenCalled()
    expect(callsOf(events)[0]?.result).toMatch(/^Error: the arguments are not JSON/)
    expect(endpoint.requests[1]?.body.messages[1]).toMatchObject({ tool_calls: [{ function: { arguments: '{}' } }] })
  })

  test('without arguments gets an empty object', async () => {
    const execute = vi.fn(() => 'ok')
    await talk([stream([call(0, { id: 'c1', name: 'weather' })], 'tool_calls'), ANSWER], { tools: [{ ...weather, execute }] })
    expect(execute).toHaveBeenCalledWith({}, expect.anything())
  })

  test('whose tool throws is answered with what it said', async () => {
    const reason = new Error('no sky')
    const execute = () => Promise.reject(reason)
    const { events, failure } = await talk([calling({ id: 'c1', name: 'weather' }), ANSWER], {
      tools: [{ ...weather, execute }],
    })
    expect(callsOf(events)[0]?.result).toBe('Error: no sky')
    expect(failure).toBeUndefined()
  })

  test('runs beside the others of its turn, and a quick result does not wait for a slow one', async () => {
    const signal = new EventTarget()
    const slow: ServerTool = {
      name: 'slow',
      description: '',
      execute: () => new Promise((resolve) => signal.addEventListener('go', () => resolve('s'))),
    }
    const quick: ServerTool = { name: 'quick', description: '', execute: () => 'q' }
    const endpoint = await chatEndpoint(calling({ id: 'c1', name: 'slow' }, { id: 'c2', name: 'quick' }), ANSWER)
    const agent = openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'k', model: 'm', tools: [slow, quick] })
    const { events } = await play(agent.run(agentRun()), (event) => {
      if (event.type === 'TOOL_CALL_RESULT' && event.toolCallId === 'c2') signal.dispatchEvent(new Event('go'))
    })
    expect(events.flatMap((event) => (event.type === 'TOOL_CALL_RESULT' ? [event.content] : []))).toEqual(['q', 's'])
    expect(endpoint.requests[1]?.body.messages.slice(-2)).toMatchObject([{ content: 's' }, { content: 'q' }])
  })

  test('may ask a person, in the name of the call', async () => {
    const ask = vi.fn(() => Promise.resolve({ status: 'resolved' as const, payload: 'yes', by: 'ada' }))
    const careful: ServerTool = { ...weather, execute: async (_args, use) => (await use.ask({ message: 'Really?' })).status }
    const { events } = await talk([calling({ id: 'c1', name: 'weather' }), ANSWER], { tools: [careful] }, { ask })
    expect(ask).toHaveBeenCalledWith({ message: 'Really?', toolCallId: 'c1' })
    expect(callsOf(events)[0]?.result).toBe('resolved')
  })

  test("of a client's tool ends the run and is left to the client; the server's tools of that turn are run", async () => {
    const first = calling({ id: 'c1', name: 'confirm' }, { id: 'c2', name: 'weather' })
    const { events, endpoint } = await talk([first], { tools: [weather] }, { input: { tools: [frontendTool('confirm')], context: [] } })
    expect(endpoint.requests).toHaveLength(1)
    expect((await verified(events)).at(-1)).toMatchObject({
      type: 'RUN_FINISHED',
      outcome: { type: 'success', pendingToolCallIds: ['c1'] },
    })
    expect(callsOf(events).map(({ id, result }) => [id, result !== undefined])).toEqual([
      ['c1', false],
      ['c2', true],
    ])
  })

  test('for ever is an error after maxTurns calls of the model, and the last calls are not run', async () => {
    const execute = vi.fn(() => 'ok')
    const { failure, endpoint } = await talk([calling({ id: 'c1', name: 'weather' })], { tools: [{ ...weather, execute }], maxTurns: 3 })
    expect(failure).toMatchObject({ name: 'AgentError', code: 'endless', message: expect.stringContaining('maxTurns') as string })
    expect(endpoint.requests).toHaveLength(3)
    expect(execute).toHaveBeenCalledTimes(2)
  })

  test('that was stopped leaves nothing to the client', async () => {
    const stop = new AbortController()
    const reason = new Error('stopped')
    const stopping: ServerTool = { ...weather, execute: () => stop.abort(reason) }
    const first = calling({ id: 'c1', name: 'confirm' }, { id: 'c2', name: 'weather' })
    const given = { signal: stop.signal, input: { tools: [frontendTool('confirm')], context: [] } }
    const { events, failure } = await talk([first], { tools: [stopping] }, given)
    expect(failure).toBe(reason)
    expect(typesOf(events)).not.toContain('RUN_FINISHED')
  })

  test('that had begun when the run was stopped keeps its result, and the model is asked for nothing more', async () => {
    const stop = new AbortController()
    const reason = new Error('stopped')
    const heeds: ServerTool = {
      name: 'heeds',
      description: '',
      execute: (_args, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up')))),
    }
    const finishes: ServerTool = {
      name: 'finishes',
      description: '',
      execute: () => new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve('done'))),
    }
    const first = calling({ id: 'c1', name: 'heeds' }, { id: 'c2', name: 'finishes' })
    const endpoint = await chatEndpoint(first, ANSWER)
    const agent = openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'k', model: 'm', tools: [heeds, finishes] })
    const { events, failure } = await play(agent.run(agentRun({ signal: stop.signal })), (event) => {
      if (event.type === 'TOOL_CALL_END' && event.toolCallId === 'c2') setImmediate(() => stop.abort(reason))
    })
    expect(failure).toBe(reason)
    expect(callsOf(events)).toMatchObject([{ id: 'c1' }, { id: 'c2', result: 'done' }])
    expect(callsOf(events)[0]).not.toHaveProperty('result')
    expect(endpoint.requests).toHaveLength(1)
  })
})
