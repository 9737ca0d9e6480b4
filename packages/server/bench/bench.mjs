// Bundles the benchmark from the sources, as a release would be, and runs it: `pnpm bench [work…]`.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(here('../package.json'), 'utf8'))
const installed = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
const outdir = here('../node_modules/.bench')

await build({
  entryPoints: [here('main.ts'), here('actor.ts')],
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  sourcemap: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // Our own packages from their sources; everything else as it is installed.
  conditions: ['throughline-source'],
  external: installed.filter((name) => !name.startsWith('@throughline/')),
  banner: { js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);` },
})

const bench = spawn(process.execPath, ['--enable-source-maps', `${outdir}/main.mjs`, ...process.argv.slice(2)], { stdio: 'inherit' })
bench.on('exit', (code) => process.exit(code ?? 1))
