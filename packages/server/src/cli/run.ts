import { readCommandLine } from './command-line.ts'
import { HELP_TEXT } from './help-text.ts'
import type { ServeSurroundings } from './serve.ts'
import type { ServeSettings } from './serve-settings.ts'
import { VERSION } from './version.ts'

/** The process, as the command uses it. */
export interface Surroundings extends ServeSurroundings {
  readonly argv: readonly string[]
  /** Calls back for each SIGTERM and SIGINT. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => void
}

/** Runs the command; settles with the exit code: 0 fine, 1 it could not start, 2 it was called wrongly, 130 it was ended at once. */
export async function run(surroundings: Surroundings): Promise<number> {
  const { argv, env, say, complain } = surroundings
  const asked = readCommandLine(argv, env)
  switch (asked.kind) {
    case 'help':
      say(HELP_TEXT.trimEnd())
      return 0
    case 'version':
      say(VERSION)
      return 0
    case 'wrong':
      complain(`throughline: ${asked.message}\nthroughline --help shows what there is`)
      return 2
    case 'serve':
      return serveUntilSecondSignal(asked.settings, surroundings)
    default:
      return asked satisfies never
  }
}

async function serveUntilSecondSignal(settings: ServeSettings, surroundings: Surroundings): Promise<number> {
  const { onSignal } = surroundings
  const first = new Promise<NodeJS.Signals>((resolve) => onSignal(resolve))
  const second = new Promise<number>((resolve) => {
    let signals = 0
    onSignal(() => {
      if (++signals === 2) resolve(130)
    })
  })
  // Loaded only now: help and complaints should not wait for a whole server.
  const { serve } = await import('./serve.ts')
  return Promise.race([serve(settings, surroundings, first), second])
}
