import type { FastifyBaseLogger } from 'fastify'
import { noTokens } from '../access/no-tokens.ts'
import { staticTokens } from '../access/static-tokens.ts'
import { AgentError } from '../agent/agent-error.ts'
import { loadAgent } from '../agent/load-agent.ts'
import { openStore } from '../store/open-store.ts'
import { readCommandLine } from './command-line.ts'
import { createServer, type Server } from './create-server.ts'
import { HELP_TEXT } from './help-text.ts'
import { WrongSetting, type ServeSettings } from './serve-settings.ts'
import { VERSION } from './version.ts'

/** The process, as the command uses it. */
export interface Surroundings {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line for whoever called the command. */
  readonly say: (line: string) => void
  /** Writes a line that says what went wrong. */
  readonly complain: (line: string) => void
  readonly openLog: (level: string) => FastifyBaseLogger
  /** Calls back for each SIGTERM and SIGINT. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => void
}

const EXIT = { fine: 0, failed: 1, wrong: 2, interrupted: 130 }

/** Runs the command; settles with the exit code. */
export async function run(surroundings: Surroundings): Promise<number> {
  const { argv, env, say, complain } = surroundings
  const asked = readCommandLine(argv, env)
  switch (asked.kind) {
    case 'help':
      say(HELP_TEXT.trimEnd())
      return EXIT.fine
    case 'version':
      say(VERSION)
      return EXIT.fine
    case 'wrong':
      complain(`throughline: ${asked.message}\nthroughline --help shows what there is`)
      return EXIT.wrong
    case 'serve':
      return serve(asked.settings, surroundings)
    default:
      return asked satisfies never
  }
}

async function serve(settings: ServeSettings, surroundings: Surroundings): Promise<number> {
  const { onSignal } = surroundings
  const first = new Promise<NodeJS.Signals>((resolve) => onSignal(resolve))
  const second = new Promise<number>((resolve) => {
    let signals = 0
    onSignal(() => {
      if (++signals === 2) resolve(EXIT.interrupted)
    })
  })
  return Promise.race([serveUntil(first, settings, surroundings), second])
}

async function serveUntil(signal: Promise<NodeJS.Signals>, settings: ServeSettings, surroundings: Surroundings): Promise<number> {
  const { env, say, complain, openLog } = surroundings
  const log = openLog(settings.logLevel)
  let server: Server
  try {
    server = await startServer(settings, env, log)
    say(`listening on ${await server.listen(settings)}`)
  } catch (error) {
    log.debug({ err: error }, 'could not start')
    complain(`throughline: ${reasonOf(error, settings)}`)
    return error instanceof WrongSetting || error instanceof AgentError ? EXIT.wrong : EXIT.failed
  }
  log.info({ signal: await signal }, 'going down')
  await server.close({ graceMs: settings.graceMs })
  return EXIT.fine
}

async function startServer(settings: ServeSettings, env: Surroundings['env'], logger: FastifyBaseLogger): Promise<Server> {
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
