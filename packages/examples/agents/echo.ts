import { say, type Agent, type AgentRun } from '@throughline/server'

/** Says back what it was told. */
export const agent: Agent = {
  name: 'echo',
  async *run(run) {
    yield* say(`You said: ${textOf(run)}`)
  },
}

function textOf({ messages }: AgentRun): string {
  const message = messages.at(-1)
  if (message?.role !== 'user') return 'nothing'
  if (typeof message.content === 'string') return message.content
  return message.content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join(' ')
}
