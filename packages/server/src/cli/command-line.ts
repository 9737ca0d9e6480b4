import { parseArgs } from 'node:util'
import { readServeSettings, WrongSetting, type GivenSettings, type ServeSettings } from './serve-settings.ts'

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'serve'; readonly settings: ServeSettings }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly message: string }

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string' },
  store: { type: 'string' },
  agent: { type: 'string' },
  token: { type: 'string', multiple: true },
  origin: { type: 'string', multiple: true },
  web: { type: 'string' },
  'grace-ms': { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** Reads a command line. What it leaves out comes from the environment, and then from the defaults. */
export function readCommandLine(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): CommandLine {
  const parsed = parse(argv)
  if (parsed.kind === 'wrong') return parsed
  const { help, version, ...flags } = parsed.values
  if (help === true) return { kind: 'help' }
  if (version === true) return { kind: 'version' }
  if (parsed.positionals.length === 0) return { kind: 'wrong', message: 'name a command: throughline serve' }
  const [command, ...rest] = parsed.positionals
  if (command !== 'serve') return { kind: 'wrong', message: `there is no command “${command}”; the one there is: serve` }
  if (rest.length > 0) return { kind: 'wrong', message: `serve takes options only, not “${rest.join(' ')}”` }
  try {
    return { kind: 'serve', settings: readServeSettings({ ...fromEnvironment(env), ...flags }) }
  } catch (error) {
    if (error instanceof WrongSetting) return { kind: 'wrong', message: error.message }
    throw error
  }
}

type Parsed =
  | { readonly kind: 'parsed'; readonly values: ReturnType<typeof parseFlags>['values']; readonly positionals: readonly string[] }
  | { readonly kind: 'wrong'; readonly message: string }

function parse(argv: readonly string[]): Parsed {
  try {
    return { kind: 'parsed', ...parseFlags(argv) }
  } catch (error) {
    // Its first sentence says what is wrong; the next tells how to pass positional arguments, which nothing here takes.
    if (error instanceof TypeError) return { kind: 'wrong', message: error.message.replace(/\. To specify.*/s, '') }
    throw error
  }
}

function parseFlags(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true })
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): GivenSettings {
  const given: Record<string, string | readonly string[]> = {}
  for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) {
    const value = env[`THROUGHLINE_${name.toUpperCase().replaceAll('-', '_')}`]?.trim()
    if (value === undefined || value === '' || FLAGS[name].type === 'boolean') continue
    given[name] = 'multiple' in FLAGS[name] ? value.split(/[\s,]+/) : value
  }
  return given
}
