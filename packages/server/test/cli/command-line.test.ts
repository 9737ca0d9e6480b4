import { describe, expect, test } from 'vitest'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { HELP_TEXT } from '../../src/cli/help-text.ts'

function settingsOf(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const asked = readCommandLine(['serve', ...argv], env)
  if (asked.kind !== 'serve') throw new Error(JSON.stringify(asked))
  return asked.settings
}

function complaintOf(argv: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const asked = readCommandLine(argv, env)
  if (asked.kind !== 'wrong') throw new Error(`not wrong: ${JSON.stringify(asked)}`)
  return asked.message
}

test('serve alone has its defaults', () => {
  expect(settingsOf([])).toEqual({
    host: '127.0.0.1',
    port: 7420,
    store: 'sqlite:.throughline/throughline.db',
    agent: 'demo',
    tokens: {},
    origins: [],
    graceMs: 10_000,
    logLevel: 'info',
  })
})

test('every option can be given as a flag', () => {
  const argv =
    '--port 0 --host ::1 --store memory: --agent ./a.ts --token ann:t1 --token t2 --origin https://a.test --origin http://b.test:1 --web dist --grace-ms 5 --log-level silent'
  expect(settingsOf(argv.split(' '))).toEqual({
    host: '::1',
    port: 0,
    store: 'memory:',
    agent: './a.ts',
    tokens: { t1: 'ann', t2: 'local' },
    origins: ['https://a.test', 'http://b.test:1'],
    web: 'dist',
    graceMs: 5,
    logLevel: 'silent',
  })
})

test('every option can be given in the environment', () => {
  const env = {
    THROUGHLINE_PORT: '1',
    THROUGHLINE_HOST: '0.0.0.0',
    THROUGHLINE_STORE: 'sqlite:x.db',
    THROUGHLINE_AGENT: 'openai',
    THROUGHLINE_TOKEN: 'ann:t1, bob:t2\nt3',
    THROUGHLINE_ORIGIN: 'https://a.test https://b.test',
    THROUGHLINE_WEB: 'dist',
    THROUGHLINE_GRACE_MS: '0',
    THROUGHLINE_LOG_LEVEL: 'debug',
  }
  expect(settingsOf([], env)).toEqual({
    host: '0.0.0.0',
    port: 1,
    store: 'sqlite:x.db',
    agent: 'openai',
    tokens: { t1: 'ann', t2: 'bob', t3: 'local' },
    origins: ['https://a.test', 'https://b.test'],
    web: 'dist',
    graceMs: 0,
    logLevel: 'debug',
  })
})

test('flags win over the environment, and an empty variable is none', () => {
  const env = { THROUGHLINE_PORT: '1', THROUGHLINE_TOKEN: 'ann:t1', THROUGHLINE_STORE: ' ' }
  expect(settingsOf(['--port', '2', '--token', 'bob:t2'], env)).toMatchObject({
    port: 2,
    tokens: { t2: 'bob' },
    store: 'sqlite:.throughline/throughline.db',
  })
})

describe('a wrong value is named, with what it may be', () => {
  test.each([
    ['--port', 'http', /--port is “http”; it is a whole number from 0 to 65535/],
    ['--port', '65536', /--port/],
    ['--port', '1.5', /--port/],
    ['--port', '', /--port/],
    ['--grace-ms', 'soon', /--grace-ms is “soon”; it is a whole number/],
    ['--store', 'redis:x', /--store .*redis:x.*sqlite:FILE/],
    ['--store', 'sqlite:', /--store .*needs a file/],
    ['--origin', '*', /--origin is “\*”; .*https:\/\/app\.example\.com/],
    ['--origin', 'https://a.test/', /--origin/],
    ['--log-level', 'loud', /--log-level is “loud”; it is one of trace/],
    ['--host', '0.0.0.0', /without tokens .* loopback only, not on 0\.0\.0\.0: set --token/],
    ['--host', 'example.com', /without tokens/],
    ['--token', '', /--token is TOKEN or PRINCIPAL:TOKEN/],
    ['--token', 'ann:', /--token/],
    ['--token', ':secret', /--token/],
    ['--nothing', 'x', /--nothing/],
  ])('%s %s', (flag, value, message) => {
    expect(complaintOf(['serve', flag, value])).toMatch(message)
  })

  test('a token that is wrong is not repeated: complaints end up in logs', () => {
    expect(complaintOf(['serve', '--token', 'ann:my secret'])).not.toContain('secret')
  })

  test('a token that two principals have is not told apart, and so not taken', () => {
    const complaint = complaintOf(['serve', '--token', 'ann:s3cret', '--token', 'bob:s3cret'])
    expect(complaint).toMatch(/ann and bob have the same --token/)
    expect(complaint).not.toContain('s3cret')
  })

  test('a flag without its value', () => {
    expect(complaintOf(['serve', '--port'])).toMatch(/--port/)
  })

  test('a variable in the environment', () => {
    expect(complaintOf(['serve'], { THROUGHLINE_PORT: 'http' })).toMatch(/port is “http”/)
  })
})

test.each([
  [[], /name a command/],
  [['run'], /no command “run”/],
  [['serve', 'now'], /takes options only, not “now”/],
])('the command line %j is wrong', (argv, message) => {
  expect(complaintOf(argv)).toMatch(message)
})

test.each([[['--help']], [['-h']], [['serve', '--help']], [['serve', '--port', 'http', '--help']]])('%j asks for help', (argv) => {
  expect(readCommandLine(argv, {})).toEqual({ kind: 'help' })
})

test('--version asks for the version', () => {
  expect(readCommandLine(['--version'], {})).toEqual({ kind: 'version' })
})

test.each(['port', 'host', 'store', 'agent', 'token', 'origin', 'web', 'grace-ms', 'log-level', 'help', 'version'])(
  'the help names --%s',
  (flag) => {
    expect(HELP_TEXT).toContain(`--${flag}`)
  },
)

test('the help fits a terminal', () => {
  for (const line of HELP_TEXT.split('\n')) expect(line.length).toBeLessThanOrEqual(130)
})
