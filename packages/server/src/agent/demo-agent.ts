import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { nanoid } from 'nanoid'
import { activity, activityDelta, callTool, custom, say, state, stateDelta, think, toolResult } from './builders.ts'
import type { Agent, AgentEvent, AgentRun, Answer } from './contract.ts'
import { readDemoScript, type DemoStep } from './demo-script.ts'
import { answerWords, helpWords, thoughtWords } from './demo-words.ts'
import { numberedTokens } from './numbered-text.ts'

/** How the demo agent talks. */
export interface DemoAgentOptions {
  /** How long it pauses after each word, in milliseconds. @default 40 */
  readonly paceMs?: number
  /** Waits; rejects as soon as the signal aborts. 0 lets everything else that is ready go first. @default timers */
  readonly delay?: (ms: number, signal?: AbortSignal) => Promise<unknown>
}

/** An agent without a model, to see what a session does: it answers words at a readable pace and obeys lines such as `/tokens 500 20`. */
export function demoAgent(options: DemoAgentOptions = {}): Agent {
  const { paceMs = 40, delay = waitOrAbort } = options
  return {
    name: 'demo',
    async *run(run) {
      const { text, files } = lastMessage(run)
      const stage: Stage = {
        run,
        turn: run.messages.filter((message) => message.role === 'user').length,
        files,
        count: countIn(run.state),
        wait: (ms) => delay(ms, run.signal),
        waitDeaf: (ms) => delay(ms),
        paceMs,
      }
      for (const step of readDemoScript(text)) yield* perform(step, stage)
    },
  }
}

/** What the steps of one run share. */
interface Stage {
  readonly run: AgentRun
  /** How many messages the person has sent, this one included. */
  readonly turn: number
  readonly files: number
  /** What `/state` has counted to. */
  count: number
  readonly wait: (ms: number) => Promise<unknown>
  /** Waits and does not hear the stop. */
  readonly waitDeaf: (ms: number) => Promise<unknown>
  readonly paceMs: number
}

async function* perform(step: DemoStep, stage: Stage): AsyncGenerator<AgentEvent, void, undefined> {
  switch (step.kind) {
    case 'answer':
      yield* say(spoken(answerWords(step.text, stage.turn, stage.files), stage))
      return
    case 'help':
      yield* say(spoken(helpWords(), stage))
      return
    case 'puzzled':
      yield* say(spoken(`I do not understand “${step.line}”: ${step.hint}.`, stage))
      return
    case 'tokens':
      yield* say(tokens(step.count, step.everyMs, stage))
      return
    case 'think':
      yield* think(spoken(thoughtWords(), stage))
      return
    case 'tool':
      yield* useTool(step.name, stage)
      return
    case 'ask':
      yield* say(spoken(heardAnswer(await stage.run.ask({ message: step.question })), stage))
      return
    case 'state':
      yield* countUp(stage)
      return
    case 'activity':
      yield* pack(stage)
      return
    case 'custom':
      yield custom('demo/note', { id: nanoid(), text: step.text })
      return
    case 'fail':
      yield* say(failing(stage))
      return
    case 'hang':
      yield* say(spoken('I hang until somebody stops me.', stage))
      await aborted(stage.run.signal)
      return
    case 'ignore-stop':
      yield* say(deafTalk(stage))
      return
    default:
      step satisfies never
  }
}

async function* spoken(text: string, { wait, paceMs }: Stage): AsyncGenerator<string, void, undefined> {
  for (const [index, word] of (text.match(/\s*\S+/g) ?? []).entries()) {
    if (index > 0) await wait(paceMs)
    yield word
  }
}

/** So many tokens go out before everything else, a stop among it, gets its turn. */
const TOKENS_A_TURN = 64

async function* tokens(count: number, everyMs: number, { wait }: Stage): AsyncGenerator<string, void, undefined> {
  let sent = 0
  for (const token of numberedTokens(count)) {
    if (sent > 0 && (everyMs > 0 || sent % TOKENS_A_TURN === 0)) await wait(everyMs)
    yield token
    sent += 1
  }
}

async function* useTool(name: string, stage: Stage): AsyncGenerator<AgentEvent, void, undefined> {
  const args = JSON.stringify({ place: 'Rome', days: 3, reason: 'because you asked for it' })
  const id = yield* callTool({ name, args: spoken(args, stage) })
  await stage.wait(stage.paceMs * 20)
  yield toolResult(id, JSON.stringify({ tool: name, found: 3, note: 'made up by the demo agent' }))
  yield* say(spoken(`The tool ${name} found 3 things, all of them made up.`, stage))
}

function heardAnswer(answer: Answer): string {
  if (answer.status === 'cancelled') return 'The question was cancelled, so I go on without an answer.'
  const payload = typeof answer.payload === 'string' ? answer.payload : JSON.stringify(answer.payload)
  return payload === undefined ? `${answer.by} said yes without a word.` : `${answer.by} answered: “${payload}”.`
}

async function* countUp(stage: Stage): AsyncGenerator<AgentEvent, void, undefined> {
  stage.count += 1
  yield stage.count === 1 ? state({ count: 1 }) : stateDelta([{ op: 'replace', path: '/count', value: stage.count }])
  yield* say(spoken(`The agent state counts to ${stage.count} now.`, stage))
}

const LUGGAGE = ['passport', 'toothbrush', 'umbrella', 'book']

async function* pack(stage: Stage): AsyncGenerator<AgentEvent, void, undefined> {
  const shown = activity('demo/packing', { title: 'Packing', done: 0, of: LUGGAGE.length })
  yield shown
  for (const [index, item] of LUGGAGE.entries()) {
    await stage.wait(stage.paceMs * 10)
    yield activityDelta(shown, [
      { op: 'replace', path: '/done', value: index + 1 },
      { op: 'add', path: '/last', value: item },
    ])
  }
  yield* say(spoken('All is packed.', stage))
}

async function* failing(stage: Stage): AsyncGenerator<string, never, undefined> {
  yield* spoken('So far all goes well, and', stage)
  throw new Error('the demo agent failed, because /fail told it to')
}

async function* deafTalk({ run, waitDeaf }: Stage): AsyncGenerator<string, void, undefined> {
  yield 'I do not hear you when you say stop.'
  for (let second = 1; second <= 600; second += 1) {
    await waitDeaf(1_000)
    yield run.signal.aborted ? ` ${second}, and no, I do not stop.` : ` ${second}.`
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

function lastMessage({ messages }: AgentRun): { readonly text: string; readonly files: number } {
  const message = messages.at(-1)
  if (message?.role !== 'user') return { text: '', files: 0 }
  if (typeof message.content === 'string') return { text: message.content, files: 0 }
  const texts = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return { text: texts.join('\n'), files: message.content.length - texts.length }
}

function countIn(agentState: unknown): number {
  if (typeof agentState !== 'object' || agentState === null || !('count' in agentState)) return 0
  return typeof agentState.count === 'number' ? agentState.count : 0
}

function waitOrAbort(ms: number, signal?: AbortSignal): Promise<unknown> {
  const options = signal === undefined ? {} : { signal }
  return ms === 0 ? nextTurn(undefined, options) : pause(ms, undefined, options)
}
