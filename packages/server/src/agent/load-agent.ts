import { access } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { AgentError } from './agent-error.ts'
import type { Agent, AgentFunction } from './contract.ts'
import { demoAgent } from './demo-agent.ts'
import type { Environment } from './openai-from-env.ts'

/**
 * Finds the agent that a command line names: `demo`, `openai`, or the path of a JavaScript or TypeScript file that exports one as `agent` or
 * by default, as an object or as the bare function. Relative paths begin at the working directory.
 *
 * @throws AgentError `not_found`, `not_an_agent` or `not_configured`, saying what to do.
 */
export async function loadAgent(spec: string, env: Environment): Promise<Agent> {
  if (spec === 'demo') return demoAgent()
  if (spec === 'openai') {
    // Loaded only where it is used: the client library is large.
    const { openaiAgentFromEnv } = await import('./openai-from-env.ts')
    return openaiAgentFromEnv(env)
  }
  if (!AGENT_FILE.test(spec)) {
    throw new AgentError('not_found', `there is no agent named “${spec}”; name demo, openai or a file such as ./agent.ts`)
  }
  return loadFile(resolve(spec))
}

const AGENT_FILE = /\.[cm]?[jt]sx?$/

async function loadFile(file: string): Promise<Agent> {
  await access(file).catch((cause: unknown) => {
    throw new AgentError('not_found', `the agent file ${file} cannot be read`, { cause })
  })
  const exported = await importFile(file)
  const found = exported['agent'] ?? exported['default']
  if (found === undefined) {
    throw new AgentError('not_an_agent', `${file} exports no agent; export one as “agent”, or by default`)
  }
  if (isAgentFunction(found)) return { name: basename(file, extname(file)), run: found }
  const fault = agentFault(found)
  if (fault !== undefined) throw new AgentError('not_an_agent', `what ${file} exports is not an agent: ${fault}`)
  return found as Agent
}

/** Bundled on the way, since Node 20 strips no types; packages stay outside, so that agent and server share theirs. */
async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { bundleRequire } = await import('bundle-require')
  try {
    const { mod } = await bundleRequire<Readonly<Record<string, unknown>>>({
      filepath: file,
      format: /\.c[jt]s$/.test(file) ? 'cjs' : 'esm',
      esbuildOptions: { logLevel: 'silent' },
    })
    return mod
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AgentError('not_an_agent', `${file} cannot be loaded: ${reason}`, { cause })
  }
}

function isAgentFunction(value: unknown): value is AgentFunction {
  return typeof value === 'function'
}

function agentFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is neither an object nor a function'
  const { name, run, resumes } = value as Readonly<Record<keyof Agent, unknown>>
  if (typeof name !== 'string' || name === '') return 'its name is not a text'
  if (typeof run !== 'function') return 'its run is not a function'
  if (resumes !== undefined && typeof resumes !== 'boolean') return 'its resumes is neither true nor false'
  return undefined
}
