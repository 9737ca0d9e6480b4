import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent, AgentEvent, AgentRun, Answer } from '@throughline/server'
import { describe, expect, test } from 'vitest'
import { agent as approval } from '../agents/approval.ts'
import { agent as echo } from '../agents/echo.ts'

const AGENTS = join(import.meta.dirname, '../agents')
const GUIDE = join(import.meta.dirname, '../../../docs/writing-an-agent.md')

async function eventsOf(agent: Agent, given: Partial<AgentRun> = {}): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = []
  const run = agent.run({
    sessionId: 'session',
    runId: 'run',
    messages: [{ id: 'u1', role: 'user', content: 'hello' }],
    input: { tools: [], context: [] },
    signal: new AbortController().signal,
    ask: () => Promise.reject(new Error('nobody is here')),
    ...given,
  })
  for await (const event of run) events.push(event)
  return events
}

function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : '')).join('')
}

test('echo says back what it was told', async () => {
  expect(textOf(await eventsOf(echo))).toBe('You said: hello')
})

describe('approval', () => {
  test.each<[string, Answer, string]>([
    ['books what a person agreed to', { status: 'resolved', payload: { approved: true }, by: 'ada' }, 'Booked. ada agreed to it.'],
    ['books nothing that a person declined', { status: 'resolved', payload: { approved: false }, by: 'ada' }, 'Then I leave it.'],
    ['books nothing where the question was cancelled', { status: 'cancelled' }, 'Then I leave it.'],
  ])('%s', async (_, answer, said) => {
    const events = await eventsOf(approval, { ask: () => Promise.resolve(answer) })
    expect(textOf(events)).toBe(said)
    expect(events.filter(({ type }) => type === 'TOOL_CALL_RESULT')).toHaveLength(1)
  })
})

test('every example file exports an agent that is named like it', async () => {
  for (const file of readdirSync(AGENTS)) {
    const { agent } = (await import(join(AGENTS, file))) as { readonly agent: Agent }
    expect(`${agent.name}.ts`).toBe(file)
  }
})

test('the code in the guide is code of the example agents', () => {
  const sources = readdirSync(AGENTS).map((file) => readFileSync(join(AGENTS, file), 'utf8'))
  const blocks = [...readFileSync(GUIDE, 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
  expect(blocks.length).toBeGreaterThan(2)
  for (const block of blocks) expect(sources.filter((source) => source.includes(block))).toHaveLength(1)
})
