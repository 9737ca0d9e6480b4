import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { openaiAgent } from '../../src/agent/openai-agent.ts'
import { hosting, until } from '../session/hosting.ts'
import { agentRun, play, textOf } from './agent-run.ts'
import { chatEndpoint, delta, type Reply } from './chat-endpoint.ts'
import { ANSWER, calling, talk, weather } from './openai-talk.ts'

describe('an endpoint', () => {
  test('that refuses the key is told of without the key, also where it repeats it', async () => {
    const { failure } = await talk([{ kind: 'error', status: 401, body: { error: { message: 'bad key sk-secret, sorry' } } }])
    expect(failure).toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/refused the key: 401 bad key \[key\], sorry/) as string,
    })
    expect(inspect(failure, { depth: 10 })).not.toContain('sk-secret')
  })

  test('that repeats the key at the end of a long answer gives away no part of it', async () => {
    const message = `${'x'.repeat(490)} sk-secret`
    const { failure } = await talk([{ kind: 'error', status: 400, body: { error: { message } } }])
    expect(inspect(failure, { depth: 10 })).not.toContain('sk-')
  })

  test('that knows no such model is asked once', async () => {
    const { failure, endpoint } = await talk([{ kind: 'error', status: 404, body: { error: { message: 'unknown model: m' } } }])
    expect(failure).toMatchObject({ code: 'refused', message: expect.stringContaining('unknown model: m') as string })
    expect(endpoint.requests).toHaveLength(1)
  })

  test('that is busy for a moment is asked again, before anything was said', async () => {
    const busy: Reply = { kind: 'error', status: 503, body: { error: { message: 'busy' } }, headers: { 'retry-after-ms': '1' } }
    const { events, endpoint } = await talk([busy, ANSWER])
    expect(textOf(events)).toBe('Sunny.')
    expect(endpoint.requests).toHaveLength(2)
  })

  test('that wants an hour of patience is told of at once', async () => {
    const busy: Reply = { kind: 'error', status: 429, body: { error: { message: 'quota' } }, headers: { 'retry-after': '3600' } }
    const { failure, endpoint } = await talk([busy])
    expect(failure).toMatchObject({ code: 'refused', message: expect.stringContaining('quota') as string })
    expect(endpoint.requests).toHaveLength(1)
  })

  test('whose stream began is never asked again', async () => {
    const { endpoint } = await talk([{ kind: 'stream', chunks: [delta({ content: 'Once' })], end: 'cut' }, ANSWER])
    expect(endpoint.requests).toHaveLength(1)
  })

  test('that cannot be reached is named', async () => {
    const agent = openaiAgent({
      baseURL: 'http://models.example:1/v1',
      apiKey: 'sk-secret',
      model: 'm',
      fetch: () => Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
      maxRetries: 0,
    })
    const { failure } = await play(agent.run(agentRun()))
    expect(failure).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/models\.example:1 cannot be reached: connect ECONNREFUSED/) as string,
    })
  })

  test('without a key is refused when the agent is made', () => {
    expect(() => openaiAgent({ baseURL: 'http://localhost/v1', apiKey: '', model: 'm' })).toThrow('the API key is empty')
  })

  test('with an address that is none is refused when the agent is made', () => {
    expect(() => openaiAgent({ baseURL: 'localhost', apiKey: 'k', model: 'm' })).toThrow('the base URL “localhost” is not an address')
  })
})

describe('stop', () => {
  test('is told what was used until then', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const endpoint = await chatEndpoint({ kind: 'stream', chunks: [{ ...delta({ content: 'Once' }), usage }], end: 'never' })
    const agent = openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'k', model: 'm' })
    const { host, command, send, attach } = await hosting({ agents: [agent] })
    const viewer = await attach()
    const { run } = (await send('hi')) as { run: string }
    await until(
      () => viewer.events().length,
      (count) => count >= 3,
    )
    await command({ type: 'stop', run })
    const end = await until(
      () => viewer.events().at(-1),
      (event) => event?.type === 'RUN_FINISHED',
    )
    expect(end).toMatchObject({ outcome: { type: 'cancelled' }, usage: [{ model: 'm', totalTokens: 15 }] })
    await host.close()
  })

  test('reaches the provider, and ends the run with its reason', async () => {
    const endpoint = await chatEndpoint({ kind: 'stream', chunks: [delta({ content: 'Once' })], end: 'never' })
    const stop = new AbortController()
    const reason = new Error('stopped')
    const agent = openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'k', model: 'm' })
    const { events, failure } = await play(agent.run(agentRun({ signal: stop.signal })), (event) => {
      if (event.type === 'TEXT_MESSAGE_CONTENT') stop.abort(reason)
    })
    expect(failure).toBe(reason)
    expect(textOf(events)).toBe('Once')
    await vi.waitFor(() => expect(endpoint.wasAborted()).toBe(true))
  })

  test('before the beginning asks the provider for nothing', async () => {
    const reason = new Error('stopped')
    const { failure, endpoint } = await talk([ANSWER], {}, { signal: AbortSignal.abort(reason) })
    expect(failure).toBe(reason)
    expect(endpoint.requests).toHaveLength(0)
  })

  test('is heard while the client waits to ask again', async () => {
    const stop = new AbortController()
    const reason = new Error('stopped')
    const busy: Reply = { kind: 'error', status: 503, body: {}, headers: { 'retry-after': '9' } }
    const endpoint = await chatEndpoint(busy)
    const agent = openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'k', model: 'm' })
    const ended = play(agent.run(agentRun({ signal: stop.signal })))
    await vi.waitFor(() => expect(endpoint.requests).toHaveLength(1))
    stop.abort(reason)
    expect((await ended).failure).toBe(reason)
  })

  test('by leaving the loop reaches the provider too', async () => {
    const endpoint = await chatEndpoint({ kind: 'stream', chunks: [delta({ content: 'Once' })], end: 'never' })
    for await (const event of openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'k', model: 'm' }).run(agentRun())) {
      if (event.type === 'TEXT_MESSAGE_CONTENT') break
    }
    await vi.waitFor(() => expect(endpoint.wasAborted()).toBe(true))
  })

  test('leaves no listener behind on the signal of the run', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await talk([calling({ id: 'c1', name: 'weather' }), ANSWER], { tools: [weather] }, { signal })
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed).toHaveBeenCalledTimes(2)
  })
})
