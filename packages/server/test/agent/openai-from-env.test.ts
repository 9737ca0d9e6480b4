import { expect, test } from 'vitest'
import { openaiAgentFromEnv } from '../../src/agent/openai-from-env.ts'
import { agentRun, callsOf, play } from './agent-run.ts'
import { chatEndpoint, stream } from './chat-endpoint.ts'

const ENV = { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm' }

test.each(['OPENAI_API_KEY', 'OPENAI_MODEL'])('a missing %s is named', (name) => {
  for (const value of [undefined, '', '  ']) {
    expect(() => openaiAgentFromEnv({ ...ENV, [name]: value })).toThrow(name)
  }
})

test.each(['localhost:4010', 'nonsense', 'file:///tmp'])('%s is no base URL, and the variable is named', (value) => {
  expect(() => openaiAgentFromEnv({ ...ENV, OPENAI_BASE_URL: value })).toThrow(/OPENAI_BASE_URL is “/)
})

test('without a base URL it is that of OpenAI', () => {
  expect(openaiAgentFromEnv(ENV).name).toBe('openai')
})

test('key and model go to the endpoint, without the line end that they were pasted with', async () => {
  const endpoint = await chatEndpoint(stream([{ content: 'Hi' }]))
  const agent = openaiAgentFromEnv({ OPENAI_API_KEY: 'k\n', OPENAI_MODEL: ' m ', OPENAI_BASE_URL: endpoint.baseURL })
  expect((await play(agent.run(agentRun()))).failure).toBeUndefined()
  expect(endpoint.requests[0]).toMatchObject({ authorization: 'Bearer k', body: { model: 'm' } })
})

test('the demo tools answer, and the weather says that it is made up', async () => {
  const calls = [
    { tool_calls: [{ index: 0, id: 'c1', function: { name: 'weather', arguments: '{"location":"San Francisco"}' } }] },
    { tool_calls: [{ index: 1, id: 'c2', function: { name: 'clock', arguments: '{"timeZone":"Europe/Rome"}' } }] },
    { tool_calls: [{ index: 2, id: 'c3', function: { name: 'clock', arguments: '{"timeZone":"Nowhere"}' } }] },
    { tool_calls: [{ index: 3, id: 'c4', function: { name: 'weather', arguments: '{}' } }] },
  ]
  const endpoint = await chatEndpoint(stream(calls, 'tool_calls'), stream([{ content: 'Sunny.' }]))
  const { events } = await play(openaiAgentFromEnv({ ...ENV, OPENAI_BASE_URL: endpoint.baseURL }).run(agentRun()))
  const [weather, rome, nowhere, placeless] = callsOf(events).map(({ result }) => String(result))
  expect(weather).toContain('San Francisco')
  expect(weather).toContain('made up')
  expect(rome).toContain('Europe/Rome')
  expect(nowhere).toMatch(/^Error: /)
  expect(placeless).toBe('Error: location is missing')
})

test('OPENAI_DEMO_TOOLS=off offers no tools, and takes no third word', async () => {
  const endpoint = await chatEndpoint(stream([{ content: 'Hi' }]))
  await play(openaiAgentFromEnv({ ...ENV, OPENAI_BASE_URL: endpoint.baseURL, OPENAI_DEMO_TOOLS: 'off' }).run(agentRun()))
  expect(endpoint.requests[0]?.body).not.toHaveProperty('tools')
  expect(() => openaiAgentFromEnv({ ...ENV, OPENAI_DEMO_TOOLS: 'maybe' })).toThrow('OPENAI_DEMO_TOOLS')
})
