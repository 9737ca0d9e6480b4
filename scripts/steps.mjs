import { spawnSync } from 'node:child_process'

/** The package manager, fetched by npx: nothing needs to be installed by hand, and no field in package.json that some versions refuse. */
export const PNPM = ['npx', '-y', 'pnpm@10.34.9']

/** Runs one step and says what it is; ends the process where it fails. */
export function step(title, command, options = {}) {
  process.stderr.write(`\n▸ ${title}\n`)
  const startedAt = Date.now()
  const [program, ...args] = command
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32', ...options })
  if (error !== undefined) process.stderr.write(`${error.message}\n`)
  if (status !== 0) {
    process.stderr.write(`✗ ${title}: failed after ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`)
    process.exit(status ?? 1)
  }
}

/** Stops with the remedy where this Node is too old for what is about to run. */
export function requireNode(major, minor) {
  const [has = 0, hasMinor = 0] = process.versions.node.split('.').map(Number)
  if (has > major || (has === major && hasMinor >= minor)) return
  process.stderr.write(`Throughline needs Node ${major}.${minor} or newer; this is ${process.versions.node}.\n`)
  process.exit(1)
}
