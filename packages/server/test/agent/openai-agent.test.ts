import { describe, expect, test, vi } from 'vitest'
import { callsOf, reasoningOf, textOf, typesOf, verified } from './agent-run.ts'
import { delta, finished, stream, type Reply } from './chat-endpoint.ts'
import { ANSWER, call, frontendTool, talk, weather } from './openai-talk.ts'

describe('text and reasoning', () => {
  test('become one message of the deltas that came', async () => {
    const { events } = await talk([stream([{ role: 'assistant', content: '' }, { content: 'Hel' }, { content: 'lo' }])])
    expect(typesOf(events)).toEqual([
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ])
    expect(textOf(await verified(events))).toBe('Hello')
  })

  test.each(['reasoning_content', 'reasoning'])('%s comes before the text and is closed when the text begins', async (field) => {
    const { events } = await talk([
      stream([
        { content: null, [field]: 'Hm' },
        { content: null, [field]: '…' },
        { content: 'Hi', [field]: null },
      ]),
    ])
    expect(reasoningOf(await verified(events))).toBe('Hm…')
    expect(textOf(events)).toBe('Hi')
    expect(typesOf(events).indexOf('REASONING_END')).toBe(typesOf(events).indexOf('TEXT_MESSAGE_START') - 1)
  })

  test('that take turns become parts in that order, each under its own id', async () => {
    const { events } = await talk([stream([{ content: 'a' }, { reasoning_content: 'b' }, { content: 'c' }])])
    const starts = (await verified(events)).flatMap((event) => (event.type === 'TEXT_MESSAGE_START' ? [event.messageId] : []))
    expect(new Set(starts).size).toBe(2)
    expect(textOf(events)).toBe('ac')
  })

  test('of a refusal are told as text', async () => {
    const { events } = await talk([stream([{ content: null, refusal: 'I will not.' }])])
    expect(textOf(events)).toBe('I will not.')
  })
})

describe('the request', () => {
  test('streams, asks for usage, and carries instructions, context, tools and further fields', async () => {
    const input = { tools: [frontendTool('confirm')], context: [{ description: 'Place', value: 'Rome' }] }
    const options = { instructions: 'Be short.', tools: [weather], request: { temperature: 0.5 } }
    const { endpoint } = await talk([ANSWER], options, { text: 'Hi', input })
    expect(endpoint.requests[0]).toMatchObject({
      authorization: 'Bearer sk-secret',
      body: {
        model: 'm',
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0.5,
        messages: [
          { role: 'system', content: 'Be short.\n\nPlace:\nRome' },
          { role: 'user', content: 'Hi' },
        ],
        tools: [{ function: { name: 'weather' } }, { function: { name: 'confirm' } }],
      },
    })
  })

  test('names no tools where there are none, since some models refuse an empty list', async () => {
    const { endpoint } = await talk([ANSWER])
    expect(endpoint.requests[0]?.body).not.toHaveProperty('tools')
  })

  test("offers the server's tool, not a client's of the same name", async () => {
    const { endpoint } = await talk([ANSWER], { tools: [weather] }, { input: { tools: [frontendTool('weather')], context: [] } })
    expect(endpoint.requests[0]?.body.tools).toMatchObject([{ function: { name: 'weather', description: 'Tells the weather.' } }])
  })
})

describe('the end', () => {
  test('tells the usage of all turns, one entry a model', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const first: Reply = {
      kind: 'stream',
      chunks: [delta(call(0, { id: 'c1', name: 'weather', args: '{}' })), { ...finished('tool_calls'), usage }],
    }
    const second: Reply = { kind: 'stream', chunks: [delta({ content: 'Sunny.' }), finished(), { model: 'm', choices: [], usage }] }
    const { events } = await talk([first, second], { tools: [weather] })
    expect(events.at(-1)).toMatchObject({
      type: 'RUN_FINISHED',
      usage: [{ model: 'm', inputTokens: 20, outputTokens: 10, totalTokens: 30 }],
    })
  })

  test.each(['clean', 'cut'] as const)('that is none (%s) tells what was used nevertheless, also in the turn that failed', async (end) => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const first: Reply = {
      kind: 'stream',
      chunks: [delta(call(0, { id: 'c1', name: 'weather', args: '{}' })), { ...finished('tool_calls'), usage }],
    }
    const second: Reply = { kind: 'stream', chunks: [{ ...delta({ content: 'Sun' }), usage }], end }
    const { events, failure } = await talk([first, second], { tools: [weather] })
    expect(failure).toBeUndefined()
    expect(events.at(-1)).toMatchObject({
      type: 'RUN_ERROR',
      message: expect.stringContaining('stream') as string,
      usage: [{ model: 'm', inputTokens: 20, outputTokens: 10, totalTokens: 30 }],
    })
    await verified(events)
  })

  test.each(['length', 'content_filter'])('by %s is told with the text and with the run', async (reason) => {
    const { events } = await talk([stream([{ content: 'Once upon' }], reason)])
    expect((await verified(events)).slice(-2)).toMatchObject([
      { type: 'TEXT_MESSAGE_END', metadata: { finishReason: reason } },
      { type: 'RUN_FINISHED', metadata: { finishReason: reason } },
    ])
  })

  test('of a whole answer has nothing to tell', async () => {
    const { events } = await talk([ANSWER])
    expect(events.slice(-2).every((event) => !('metadata' in event))).toBe(true)
  })

  test('by length runs no tool, since what is missing may matter', async () => {
    const execute = vi.fn()
    const { events, endpoint } = await talk([stream([call(0, { id: 'c1', name: 'weather', args: '{}' })], 'length')], {
      tools: [{ ...weather, execute }],
    })
    expect(execute).not.toHaveBeenCalled()
    expect(callsOf(await verified(events))[0]?.result).toContain('cut off')
    expect(endpoint.requests).toHaveLength(1)
  })

  test('without a finish marker is an error, however clean the stream ends', async () => {
    for (const end of ['clean', 'done'] as const) {
      const { events, failure } = await talk([{ kind: 'stream', chunks: [delta({ content: 'Once' })], end }])
      expect(textOf(events)).toBe('Once')
      expect(failure).toMatchObject({
        code: 'broke_off',
        message: expect.stringContaining("the model's stream ended before its finish marker") as string,
      })
    }
  })

  test('by a cut line is an error', async () => {
    const { failure } = await talk([{ kind: 'stream', chunks: [delta({ content: 'Once' })], end: 'cut' }])
    expect(failure).toMatchObject({ code: 'broke_off' })
  })

  test('by a cut line after the finish marker is none: the answer is whole', async () => {
    const { events, failure } = await talk([{ kind: 'stream', chunks: [delta({ content: 'Once' }), finished()], end: 'cut' }])
    expect(failure).toBeUndefined()
    expect(events.at(-1)?.type).toBe('RUN_FINISHED')
  })

  test('by an error inside the stream says what the provider said', async () => {
    const { failure } = await talk([{ kind: 'stream', chunks: [delta({ content: 'Once' }), { error: { message: 'overloaded' } }] }])
    expect(failure).toMatchObject({ code: 'refused', message: expect.stringContaining('overloaded') as string })
  })
})
