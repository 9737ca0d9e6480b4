import type { Agent } from '../agent/contract.ts'

/** Stands in for an agent that this server does not have any more: a session keeps its history, and a run says what is wrong. */
export function missingAgent(name: string): Agent {
  return {
    name,
    async *run() {
      throw new Error(`this server has no agent ${name}: start it with that agent, or begin a new session`)
    },
  }
}
