import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A disk that takes nothing for a while, for one server. */
export interface StallingDisk {
  /** What the server's process is started with. */
  readonly environment: NodeJS.ProcessEnv
  stall(ms: number): Promise<void>
  dispose(): void
}

/** Builds it with the machine's C compiler. */
export function buildStallingDisk(): StallingDisk {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-disk-'))
  const library = join(directory, 'stalling-disk.so')
  const source = fileURLToPath(new URL('../../bench/stalling-disk.c', import.meta.url))
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  const file = join(directory, 'stalled')
  return {
    environment: { LD_PRELOAD: library, STALL_FILE: file },
    async stall(ms) {
      writeFileSync(file, '')
      await new Promise((resolve) => setTimeout(resolve, ms))
      rmSync(file)
    },
    dispose: () => rmSync(directory, { recursive: true }),
  }
}
