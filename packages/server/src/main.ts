#!/usr/bin/env node
import { run } from './cli/run.ts'

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
// What an agent left running must not keep the process; what was said must still get out.
process.stdout.write('', () => process.exit(code))
