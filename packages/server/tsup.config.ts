import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    main: 'src/main.ts',
    'store/suite': 'src/store/suite.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  splitting: true,
  // It has a native part, and tsup would bundle it, because it is optional.
  external: ['better-sqlite3'],
  // tsup sets baseUrl for its declaration build, which TypeScript 6 reports as deprecated.
  dts: { entry: ['src/index.ts', 'src/store/suite.ts'], compilerOptions: { ignoreDeprecations: '6.0' } },
})
