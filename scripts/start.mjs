// Installs, builds and starts the server with the demo agent, on SQLite, with the web example. Arguments go on to the server.
import { spawn } from 'node:child_process'
import { PNPM, requireNode, step } from './steps.mjs'

requireNode(20, 19)
step('Installing', [...PNPM, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'])
step('Building', [...PNPM, '--silent', 'build'])

const server = spawn(
  process.execPath,
  [
    'packages/server/dist/main.js',
    'serve',
    ...['--agent', 'demo'],
    ...['--store', 'sqlite:.throughline/dev.db'],
    ...['--web', 'packages/examples/web/dist'],
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
// A terminal signals the whole group; whoever signals only this process means the server.
process.on('SIGTERM', () => server.kill('SIGTERM'))
process.on('SIGINT', () => undefined)
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))
