import { defaultClientConditions, defineConfig } from 'vite'

/** Where `throughline serve` listens unless it is told otherwise. */
const SERVER = 'http://127.0.0.1:7420'

export default defineConfig(({ command }) => ({
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The style sheets use light-dark() as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  // While developing, a change in the SDK's sources is a change of the page; the build takes the package as its users get it.
  resolve: { conditions: command === 'serve' ? ['throughline-source', ...defaultClientConditions] : [...defaultClientConditions] },
  server: { proxy: { '/v1': { target: SERVER, ws: true } } },
}))
