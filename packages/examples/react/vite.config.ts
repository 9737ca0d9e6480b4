import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  build: { outDir: 'dist', emptyOutDir: true },
  // The package as its users get it.
  resolve: { conditions: [...defaultClientConditions] },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:7420', ws: true } } },
})
