import { run } from './cli/run.ts'

// The server's own timers keep no process alive. Without this one it would be over as soon as the last socket is closed, before runs had their time to end.
const keepAlive = setInterval(() => undefined, 60_000)
const code = await run({
  argv: process.argv.slice(2),
  env: process.env,
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  async openLog(level) {
    const { openLog } = await import('./cli/open-log.ts')
    return openLog(level, process.stderr.isTTY)
  },
  onSignal(listener) {
    process.on('SIGTERM', listener)
    process.on('SIGINT', listener)
  },
})
clearInterval(keepAlive)
// What an agent left running must not keep the process; what was said must still get out.
process.stdout.write('', () => process.exit(code))
