import type { FastifyBaseLogger } from 'fastify'
import { noTokens } from '../access/no-tokens.ts'
import { staticTokens } from '../access/static-tokens.ts'
import { AgentError } from '../agent/agent-error.ts'
import { loadAgent } from '../agent/load-agent.ts'
import { openStore } from '../store/open-store.ts'
import { createServer, type Server } from './create-server.ts'
import { WrongSetting, type ServeSettings } from './serve-settings.ts'

/** What serving needs of the process. */
export interface ServeSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line for whoever called the command. */
  readonly say: (line: string) => void
  /** Writes a line that says what went wrong. */
  readonly complain: (line: string) => void
  readonly openLog: (level: string) => Promise<FastifyBaseLogger>
}

/** Serves until the signal comes, and then lets runs end; settles with the exit code. */
export async function serve(settings: ServeSettings, surroundings: ServeSurroundings, signal: Promise<NodeJS.Signals>): Promise<number> {
  const { env, say, complain, openLog } = surroundings
  const log = await openLog(settings.logLevel)
  let server: Server | undefined
  try {
    server = await startServer(settings, env, log)
    say(`listening on ${await server.listen(settings)}`)
  } catch (error) {
    log.debug({ err: error }, 'could not start')
    await server?.close()
    complain(`throughline: ${reasonOf(error, settings)}`)
    return error instanceof WrongSetting || error instanceof AgentError ? 2 : 1
  }
  log.info({ signal: await signal }, 'going down')
  await server.close({ graceMs: settings.graceMs })
  return 0
}

async function startServer(settings: ServeSettings, env: ServeSurroundings['env'], logger: FastifyBaseLogger): Promise<Server> {
  const { tokens, origins, web } = settings
  const agent = await loadAgent(settings.agent, env)
  const store = await openStore(settings.store, { onWarning: (warning) => logger.warn({ err: warning }, 'the store warns') })
  try {
    const authenticate = Object.keys(tokens).length === 0 ? noTokens() : staticTokens(tokens)
    return await createServer({ store, agents: [agent], authenticate, origins, logger, ...(web !== undefined && { web }) })
  } catch (error) {
    await store.close()
    throw error
  }
}

function reasonOf(error: unknown, { host, port }: ServeSettings): string {
  if (!(error instanceof Error)) return String(error)
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use: stop what has it, or choose another with --port`
    case 'EACCES':
      return `port ${port} of ${host} needs rights that this process does not have: choose one from 1024 on with --port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: choose another with --host`
    default:
      return error.message
  }
}
