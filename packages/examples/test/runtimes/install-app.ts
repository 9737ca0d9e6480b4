import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const require = createRequire(import.meta.url)
const SDK = join(import.meta.dirname, '../../../sdk')
const PROGRAMS = join(import.meta.dirname, 'programs')

/** What npm installs with the SDK, apart from types; each by a file of it. */
const OF_SDK = ['eventemitter3', 'isomorphic-ws', 'p-retry', 'is-network-error', 'ws']

/** What an app has from React Native: what the output of Metro and of Babel calls. */
const OF_REACT_NATIVE = ['metro-runtime/package.json', '@babel/runtime/package.json']

/** Makes a folder that is an app with the programs of this test, in which the SDK is installed as it was built last. */
export async function installApp(folder: string): Promise<void> {
  const installed = join(folder, 'node_modules')
  await installSdk(join(installed, '@throughline/sdk'))
  await install(installed, OF_SDK, SDK)
  await install(installed, OF_REACT_NATIVE, require.resolve('metro'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'an-app', private: true, type: 'module' }))
  const entryPoints = ['app', 'command', 'page', 'worker'].map((name) => join(PROGRAMS, `${name}.ts`))
  await build({ entryPoints, outdir: folder, bundle: true, packages: 'external', platform: 'neutral', format: 'esm' })
}

/** The package as npm would have it: the built files, and the exports of publishConfig. */
async function installSdk(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await cp(join(SDK, 'dist'), join(folder, 'dist'), { recursive: true })
  const { publishConfig, ...manifest } = JSON.parse(await readFile(join(SDK, 'package.json'), 'utf8')) as { publishConfig: object }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, ...publishConfig }))
}

/** Copies packages that the dependent, or one of those before, depends on. */
async function install(installed: string, files: readonly string[], dependent: string): Promise<void> {
  const dependents = [dependent]
  for (const file of files) {
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file
    const found = require.resolve(file, { paths: dependents })
    const folder = found.slice(0, found.lastIndexOf(`/node_modules/${name}/`) + `/node_modules/${name}`.length)
    await cp(folder, join(installed, name), { recursive: true })
    dependents.push(dirname(found))
  }
}
