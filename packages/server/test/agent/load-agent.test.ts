import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadAgent } from '../../src/agent/load-agent.ts'
import { agentRun, play } from './agent-run.ts'

const FILES = join(import.meta.dirname, 'files')

/** Writes an agent file that is gone after the test. */
async function agentFile(name: string, code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-agent-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), code)
  return join(folder, name)
}

test('demo and openai are known by name', async () => {
  expect((await loadAgent('demo', {})).name).toBe('demo')
  expect((await loadAgent('openai', { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm' })).name).toBe('openai')
})

test('openai without its settings says which one is missing', async () => {
  await expect(loadAgent('openai', {})).rejects.toMatchObject({
    code: 'not_configured',
    message: expect.stringContaining('OPENAI_API_KEY') as string,
  })
})

test('a TypeScript file is loaded with what it imports, and nothing is left beside it', async () => {
  const before = await readdir(FILES)
  const agent = await loadAgent(join(FILES, 'typed.ts'), {})
  expect(agent.name).toBe('typed')
  expect((await play(agent.run(agentRun()))).events).toEqual([{ type: 'CUSTOM', name: 'hello', value: 'run' }])
  expect(await readdir(FILES)).toEqual(before)
})

test('a relative path begins at the working directory', async () => {
  expect((await loadAgent(relative(process.cwd(), join(FILES, 'typed.ts')), {})).name).toBe('typed')
})

test.each([
  ['mine.js', 'export default { name: "own", run: async function* () {} }', 'own'],
  ['mine.mjs', 'export default async function* () {}', 'mine'],
  ['mine.ts', 'export async function* agent(): AsyncGenerator<never> {}', 'mine'],
  ['mine.cjs', 'module.exports.agent = { name: "old", run() {} }', 'old'],
  ['both.js', 'export const agent = { name: "named", run() {} }; export default 3', 'named'],
])('%s with %s is an agent', async (name, code, expected) => {
  expect((await loadAgent(await agentFile(name, code), {})).name).toBe(expected)
})

test.each([
  ['export const other = 1', 'exports no agent'],
  ['export default 3', 'neither an object nor a function'],
  ['export const agent = { run() {} }', 'its name is not a text'],
  ['export const agent = { name: "a" }', 'its run is not a function'],
  ['export const agent = { name: "a", run() {}, resumes: "yes" }', 'its resumes is neither true nor false'],
  ['export const agent = {', 'cannot be loaded'],
  ['throw new Error("no luck")', 'no luck'],
])('%s is refused, since: %s', async (code, reason) => {
  await expect(loadAgent(await agentFile('mine.js', code), {})).rejects.toMatchObject({
    name: 'AgentError',
    code: 'not_an_agent',
    message: expect.stringContaining(reason) as string,
  })
})

test('a file that is not there is told by its whole path', async () => {
  await expect(loadAgent('./nowhere.ts', {})).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining(join(process.cwd(), 'nowhere.ts')) as string,
  })
})

test('a name that is neither known nor a file says what there is', async () => {
  await expect(loadAgent('gpt', {})).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('demo, openai or a file') as string,
  })
})
