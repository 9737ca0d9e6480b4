import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

/** The command as one file. */
export interface BundledCommand {
  readonly file: string
  /** Its folder lies inside the package, where its dependencies are found. */
  readonly directory: string
  readonly remove: () => Promise<void>
}

const PACKAGE = join(import.meta.dirname, '..')

/** Bundles the command from the sources, so that a test never runs what was built before a change. */
export async function bundleCommand(): Promise<BundledCommand> {
  const directory = await mkdtemp(join(PACKAGE, 'node_modules', '.throughline-main-'))
  const file = join(directory, 'main.mjs')
  const { '@throughline/sdk': _, ...external } = { ...manifest.dependencies, ...manifest.optionalDependencies }
  await build({
    entryPoints: [join(PACKAGE, 'src/main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['throughline-source'],
    external: Object.keys(external).flatMap((name) => [name, `${name}/*`]),
  })
  return { file, directory, remove: () => rm(directory, { recursive: true }) }
}
