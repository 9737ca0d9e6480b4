import { defineProject } from 'vitest/config'

export default defineProject({
  resolve: { conditions: ['throughline-source'] },
  ssr: { resolve: { conditions: ['throughline-source'] } },
  test: { name: 'server', include: ['test/**/*.test.ts'] },
})
