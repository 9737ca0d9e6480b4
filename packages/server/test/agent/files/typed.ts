import { greeting } from './greeting.ts'

interface Run {
  readonly runId: string
}

/** An agent in TypeScript that imports a neighbour. */
export const agent = {
  name: 'typed',
  async *run({ runId }: Run) {
    yield { type: 'CUSTOM', name: greeting, value: runId }
  },
}
