import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'protocol/index': 'src/protocol/index.ts',
    'transcript/index': 'src/transcript/index.ts',
    'testing/index': 'src/testing/index.ts',
  },
  format: 'esm',
  target: 'es2022',
  // Without a platform the bundle keeps its imports as written, so that each consumer's resolver picks its own isomorphic-ws.
  platform: 'neutral',
  clean: true,
  splitting: true,
  // tsup sets baseUrl for its declaration build, which TypeScript 6 reports as deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})
