import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'protocol/index': 'src/protocol/index.ts',
    'transcript/index': 'src/transcript/index.ts',
    'testing/index': 'src/testing/index.ts',
    'storage/index': 'src/saved/index.ts',
    'layout/index': 'src/layout/index.ts',
    'react/index': 'src/adapters/react/index.ts',
    'react-native/index': 'src/adapters/react-native/index.ts',
    'testing/fault-proxy': 'src/testing/fault-proxy.ts',
  },
  format: 'esm',
  target: 'es2022',
  // Without a platform the bundle keeps its imports as written, so that each consumer's resolver picks its own isomorphic-ws.
  platform: 'neutral',
  // The fault proxy, which runs in Node only.
  external: [/^node:/],
  removeNodeProtocol: false,
  clean: true,
  splitting: true,
  // tsup sets baseUrl for its declaration build, which TypeScript 6 reports as deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})
