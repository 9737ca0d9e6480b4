import { readdirSync, readFileSync } from 'node:fs'

/** What comes later, and only where it is needed, is weighed for itself. */
const laterApart = {
  name: 'later-apart',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: 'later', external: true } : undefined))
  },
}

/** The files of dist that come with a file, directly or not. */
function loadedWith(file, loaded = new Set()) {
  for (const [, name] of readFileSync(`dist/${file}`, 'utf8').matchAll(/(?:^import|from) "\.\/([^"]+)"/gm)) {
    if (loaded.has(name)) continue
    loaded.add(name)
    loadedWith(name, loaded)
  }
  return loaded
}

const core = loadedWith('index.js')

/** What connect() has loaded already is not loaded again. */
const withoutCore = {
  name: 'without-core',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path }) => (core.has(path.replace(/^[./]+/, '')) ? { path, external: true } : undefined))
  },
}

// Chunks are marked as free of side effects, so an import for nothing else says nothing.
const quiet = { logOverride: { 'ignored-bare-import': 'silent' } }

const later = (name, file, limit) => ({
  name,
  path: `dist/${readdirSync('dist').find((found) => found.startsWith(file))}`,
  gzip: true,
  limit,
  modifyEsbuildConfig: (config) => ({ ...config, ...quiet, format: 'esm', plugins: [...(config.plugins ?? []), withoutCore, laterApart] }),
})

export default [
  {
    name: 'what connect() loads, with its dependencies (minified, gzip)',
    path: 'dist/index.js',
    import: '{ connect }',
    gzip: true,
    limit: '24 kB',
    modifyEsbuildConfig: (config) => ({ ...config, ...quiet, format: 'esm', plugins: [...(config.plugins ?? []), laterApart] }),
  },
  later('later: the fallback', 'open-fallback-', '2.5 kB'),
  later('later: saved state', 'keeper-', '3.5 kB'),
  later('later: IndexedDB, where the app gives no other storage', 'indexed-db-storage-', '0.7 kB'),
  later('later: the window of a transcript that is too large to save whole', 'window-of-', '1.5 kB'),
  { name: '@throughline/sdk/react', path: 'dist/react/index.js', ignore: ['react'], gzip: true, limit: '1.2 kB' },
]
