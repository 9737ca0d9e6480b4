import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const SDK = fileURLToPath(new URL('..', import.meta.url))

/** What the compiler says of an app that uses the SDK and, where asked, of the SDK itself, under these libraries and no types but theirs. */
function complaints(lib: readonly string[], text: string, { ofSdk = false } = {}): string[] {
  const app = `${SDK}test/an-app.ts`
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: [...lib],
    types: [],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === app || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === app ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest)
  const program = ts.createProgram([app], options, host)
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName === app || (ofSdk && fileName.startsWith(`${SDK}src/`)))
    .flatMap((file) => [...program.getSemanticDiagnostics(file)])
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

test('the SDK compiles without the types of a browser and of Node', { timeout: 60_000 }, () => {
  expect(
    complaints(['lib.es2023.d.ts'], `import { connect } from '../src/index.ts'\nconnect('https://x.test').watch()`, { ofSdk: true }),
  ).toEqual([])
})

test("a browser's own WebSocket and fetch fit the options", { timeout: 60_000 }, () => {
  const app = `import { connect } from '../src/index.ts'
    class Own extends WebSocket {}
    connect('https://x.test', { WebSocket, fetch, timers: { setTimeout, clearTimeout } })
    connect('https://x.test', { WebSocket: Own, fetch: (url, init) => fetch(url, init) })`
  expect(complaints(['lib.es2023.d.ts', 'lib.dom.d.ts'], app)).toEqual([])
})

test("a browser's own IndexedDB and localStorage fit the storages", { timeout: 60_000 }, () => {
  const app = `import { indexedDbStorage, webStorage } from '../src/saved/index.ts'
    indexedDbStorage('x', indexedDB)
    webStorage(() => localStorage)`
  expect(complaints(['lib.es2023.d.ts', 'lib.dom.d.ts'], app)).toEqual([])
})
