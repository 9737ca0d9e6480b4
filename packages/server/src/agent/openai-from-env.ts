import { AgentError } from './agent-error.ts'
import type { Agent } from './contract.ts'
import { DEMO_TOOLS } from './demo-tools.ts'
import { openaiAgent } from './openai-agent.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The `openai` agent of the command: `OPENAI_API_KEY` and `OPENAI_MODEL` are needed, `OPENAI_BASE_URL` is OpenAI's own unless it is set.
 * It has the demo tools, so that a tool loop can be seen; `OPENAI_DEMO_TOOLS=off` leaves them out, which models without tools need.
 *
 * @throws AgentError `not_configured`, naming the variable.
 */
export function openaiAgentFromEnv(env: Environment): Agent {
  return openaiAgent({
    apiKey: needed(env, 'OPENAI_API_KEY', 'the key of the endpoint; any text will do where it asks for none'),
    model: needed(env, 'OPENAI_MODEL', 'the name of the model, such as gpt-4.1-mini'),
    baseURL: baseUrl(env),
    tools: demoToolsWanted(env) ? DEMO_TOOLS : [],
  })
}

function needed(env: Environment, name: string, meaning: string): string {
  const value = setting(env, name)
  if (value === undefined) throw new AgentError('not_configured', `the agent openai needs the environment variable ${name}: ${meaning}`)
  return value
}

function baseUrl(env: Environment): string {
  const value = setting(env, 'OPENAI_BASE_URL') ?? 'https://api.openai.com/v1'
  if (URL.canParse(value) && /^https?:/.test(value)) return value
  throw new AgentError('not_configured', `OPENAI_BASE_URL is “${value}”, which is not an address; it looks like https://api.openai.com/v1`)
}

function demoToolsWanted(env: Environment): boolean {
  const value = setting(env, 'OPENAI_DEMO_TOOLS') ?? 'on'
  if (value === 'on' || value === 'off') return value === 'on'
  throw new AgentError('not_configured', `OPENAI_DEMO_TOOLS is “${value}”; it is on or off`)
}

/** A key that was pasted with its line end is no key for a header. */
function setting(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}
