import { SERVE_DEFAULTS } from './serve-settings.ts'

/** What `--help` prints. */
export const HELP_TEXT = `throughline: agent sessions that outlive the tab

Usage: throughline serve [options]

  --port PORT            where to listen; 0 is any free port (${SERVE_DEFAULTS.port})
  --host HOST            the address to listen on (${SERVE_DEFAULTS.host}); without tokens only loopback
  --store STORE          memory: or sqlite:FILE (${SERVE_DEFAULTS.store})
  --agent AGENT          demo, openai, or a JavaScript or TypeScript file that exports one (${SERVE_DEFAULTS.agent})
  --token [WHO:]TOKEN    lets in whoever has the token, as principal WHO; may be given several times
  --origin ORIGIN        lets in pages of another origin, such as https://app.example.com; may be given several times
  --web DIR              also serves a built page
  --grace-ms MS          how long runs may go on after SIGTERM (${SERVE_DEFAULTS['grace-ms']})
  --log-level LEVEL      trace, debug, info, warn, error, fatal or silent (${SERVE_DEFAULTS['log-level']})
  --help, --version

Each option is also an environment variable: THROUGHLINE_PORT, THROUGHLINE_TOKEN (several by comma or space)… Options win.
Tokens are better kept there: everybody on the machine can read a command line.

The agent openai takes OPENAI_API_KEY, OPENAI_MODEL and OPENAI_BASE_URL, any endpoint that speaks its chat protocol.

It prints “listening on http://HOST:PORT” once it can serve; its log goes to standard error. SIGTERM or SIGINT lets runs end
and exits with 0; a second one exits at once. Wrong options exit with 2, a start that fails with 1.
`
