import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadConfig, runBuild } from 'metro'

const require = createRequire(import.meta.url)

/** Bundles a program of an app for iOS, as React Native does: by Metro, with its Babel preset. Answers the bundle. */
export async function metroBundle(app: string, program: string): Promise<string> {
  // Metro's own prelude comes from beside it.
  const prelude = dirname(require.resolve('metro-runtime/package.json'))
  const defaults = await loadConfig({ cwd: app, resetCache: true })
  const { code } = await runBuild(
    {
      ...defaults,
      projectRoot: app,
      watchFolders: [app, prelude],
      cacheStores: [],
      maxWorkers: 1,
      resolver: { ...defaults.resolver, resolverMainFields: ['react-native', 'browser', 'main'], platforms: ['ios'] },
      transformer: {
        ...defaults.transformer,
        babelTransformerPath: require.resolve('@react-native/metro-babel-transformer'),
        asyncRequireModulePath: join(app, 'node_modules/metro-runtime/src/modules/asyncRequire.js'),
      },
      reporter: { update: () => undefined },
    },
    { entry: join(app, program), platform: 'ios', dev: false, minify: false },
  )
  return code
}
