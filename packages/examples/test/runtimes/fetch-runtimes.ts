import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../node_modules/.cache/runtimes')

/** Some 540 MB, which is too much for everybody who installs this repository. */
const VERSIONS = { node: '24.21.0', bun: '1.4.5', deno: '2.9.6', workerd: '1.20261117.1' }

/** Where a runtime's program lies, whether it has been fetched or not. */
export function runtimePath(name: keyof typeof VERSIONS): string {
  return join(FOLDER, 'node_modules/.bin', name)
}

/** Fetches the runtimes that are missing. */
export function fetchRuntimes(): void {
  if (Object.keys(VERSIONS).every((name) => existsSync(join(FOLDER, 'node_modules/.bin', name)))) return
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }))
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: FOLDER, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm could not fetch the runtimes into ${FOLDER}`)
}
