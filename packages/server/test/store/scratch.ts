import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory of one's own; in memory where the machine has such a place, since these tests are not about its disk. */
export async function scratchDirectory(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'throughline-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A database file in a directory of its own, which goes when the test is over. */
export async function scratchFile(name = 'store.db'): Promise<string> {
  const { path, remove } = await scratchDirectory()
  onTestFinished(remove)
  return join(path, name)
}
