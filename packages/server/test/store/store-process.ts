import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** A process of its own that has a store open. */
export interface StoreProcess {
  /** What it says, line by line. */
  readonly lines: AsyncIterable<string>
  /** Ends it as the kernel would: it can neither see nor delay it. */
  kill(): Promise<void>
}

const PACKAGE = join(import.meta.dirname, '../..')

/** Starts a program of `programs/` in a process of its own. */
export async function startStoreProcess(program: string, ...args: readonly string[]): Promise<StoreProcess> {
  // Beside the package's dependencies, where the program finds better-sqlite3.
  const directory = join(PACKAGE, 'node_modules/.throughline-test')
  const outfile = join(directory, `${program}-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`)
  await mkdir(directory, { recursive: true })
  await build({
    entryPoints: [join(import.meta.dirname, 'programs', `${program}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  })
  const child = spawn(process.execPath, [outfile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    await kill(child)
    await rm(outfile)
  })
  return { lines: createInterface({ input: child.stdout }), kill: () => kill(child) }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
