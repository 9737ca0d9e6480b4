import type { Tool } from '@throughline/sdk/protocol'
import { openaiAgent, type OpenaiAgentOptions } from '../../src/agent/openai-agent.ts'
import type { ServerTool } from '../../src/agent/server-tool.ts'
import { agentRun, play, type Played } from './agent-run.ts'
import { chatEndpoint, stream, type ChatEndpoint, type Chunk, type Reply } from './chat-endpoint.ts'

/** Plays one run against an endpoint that answers with the given replies. */
export async function talk(
  replies: readonly Reply[],
  options: Partial<OpenaiAgentOptions> = {},
  given: Parameters<typeof agentRun>[0] = {},
): Promise<Played & { readonly endpoint: ChatEndpoint }> {
  const endpoint = await chatEndpoint(...replies)
  const agent = openaiAgent({ baseURL: endpoint.baseURL, apiKey: 'sk-secret', model: 'm', ...options })
  return { ...(await play(agent.run(agentRun(given)))), endpoint }
}

/** A piece of a tool call. */
export function call(index: number, fields: { id?: string; name?: string; args?: string }): Chunk {
  const { id, name, args } = fields
  const called = { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) }
  return { tool_calls: [{ index, ...(id === undefined ? {} : { id }), type: 'function', function: called }] }
}

/** A turn in which the model calls tools and says no more. */
export function calling(...calls: readonly { id: string; name: string; args?: string }[]): Reply {
  return stream(
    calls.map(({ id, name, args = '{}' }, index) => call(index, { id, name, args })),
    'tool_calls',
  )
}

/** How the model ends most conversations here. */
export const ANSWER = stream([{ content: 'Sunny.' }])

/** A tool that repeats what it was asked. */
export const weather: ServerTool = {
  name: 'weather',
  description: 'Tells the weather.',
  execute: (args) => ({ asked: args, sky: 'sunny' }),
}

/** A tool that the page runs. */
export function frontendTool(name: string): Tool {
  return { name, description: 'Runs in the page.', parameters: { type: 'object' } }
}
