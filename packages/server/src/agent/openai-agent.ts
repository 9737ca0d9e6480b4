import type { ChatCompletionFunctionTool, ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import { AgentError } from './agent-error.ts'
import { finish, toolResult, type RunOutcome } from './builders.ts'
import type { ModelToolCall } from './called-tools.ts'
import { chatMessages, chatToolCall, chatToolResult } from './chat-messages.ts'
import { readChatTurn, type ChatTurn } from './chat-turn.ts'
import type { Agent, AgentEvent, AgentRun } from './contract.ts'
import { modelStream, type ModelStream } from './model-stream.ts'
import { failed, runTool, type ServerTool, type ToolOutcome, type ToolUse } from './server-tool.ts'
import { tallyUsage, type UsageTally } from './token-usage.ts'

/** Which model answers, and what it may use. */
export interface OpenaiAgentOptions {
  /** What sessions call the agent. @default 'openai' */
  readonly name?: string
  /** The address of an OpenAI-compatible API, up to and with its version, such as `https://api.openai.com/v1`. */
  readonly baseURL: string
  /** Goes nowhere but to that address; errors never hold it. */
  readonly apiKey: string
  readonly model: string
  /** What the model is told before the conversation. */
  readonly instructions?: string
  /** Tools that the server runs. Those that a client sends along are offered too, and answered by the client. */
  readonly tools?: readonly ServerTool[]
  /** How many times in a run the model is called; tools in between make it more than one. @default 16 */
  readonly maxTurns?: number
  /** How often a request is repeated that could not connect or was answered 408, 409, 429 or 5xx; a stream that began is never repeated. @default 2 */
  readonly maxRetries?: number
  /** Further fields of each request, such as `temperature` or `reasoning_effort`. */
  readonly request?: Readonly<Record<string, unknown>>
  /** @default the global fetch */
  readonly fetch?: typeof fetch
}

/**
 * An agent that is any OpenAI-compatible chat endpoint, with reasoning and a tool loop. Its run fails with an {@link AgentError} where the
 * endpoint refuses, cannot be reached, breaks off before its finish marker, or calls tools for ever.
 *
 * @throws AgentError `not_configured` where `baseURL` is no URL or `apiKey` is empty.
 */
export function openaiAgent(options: OpenaiAgentOptions): Agent {
  if (!URL.canParse(options.baseURL)) {
    throw new AgentError('not_configured', `the base URL “${options.baseURL}” is not an address; it looks like https://api.openai.com/v1`)
  }
  if (options.apiKey === '') {
    throw new AgentError('not_configured', 'the API key is empty; where the endpoint asks for none, any text will do')
  }
  const stream = modelStream(options)
  return { name: options.name ?? 'openai', run: (run) => converse(run, stream, options) }
}

/** The run's end tells what was used, also where that is a failure or a stop. */
async function* converse(run: AgentRun, stream: ModelStream, options: OpenaiAgentOptions): AsyncGenerator<AgentEvent, void, undefined> {
  const used = tallyUsage()
  try {
    yield* takeTurns(run, stream, options, used)
  } catch (error) {
    const usage = used.sum()
    if (usage === undefined) throw error
    yield { type: 'RUN_ERROR', message: error instanceof Error ? error.message : String(error), usage }
  }
}

/** The model speaks, its tools are run, it speaks again. */
async function* takeTurns(
  run: AgentRun,
  stream: ModelStream,
  options: OpenaiAgentOptions,
  used: UsageTally,
): AsyncGenerator<AgentEvent, void, undefined> {
  const { model, instructions, tools = [], maxTurns = 16, request } = options
  const messages = chatMessages(run.messages, { instructions, context: run.input.context })
  const offered = offeredTools(run, tools)
  const taken = new Set(
    run.messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : [])).map(({ id }) => id),
  )
  const end = (more: RunOutcome = {}) => {
    const usage = used.sum()
    return finish(run, { ...more, ...(usage !== undefined && { usage }) })
  }

  for (let turn = 1; turn <= maxTurns; turn += 1) {
    const body = { stream_options: { include_usage: true }, ...request, model, messages, ...offered, stream: true as const }
    const said = yield* readChatTurn(stream(body, run.signal), { isTaken: (id) => taken.has(id), onUsage: (usage) => used.note(usage) })
    used.nextCall()
    for (const { id } of said.calls) taken.add(id)

    if (said.cutBy !== undefined) {
      // What a call lacks may be its most important argument, so none is run.
      for (const { id } of said.calls) yield toolResult(id, failed(`not run, because the answer was cut off (${said.cutBy})`))
      yield end({ metadata: { finishReason: said.cutBy } })
      return
    }
    if (said.calls.length === 0) {
      yield end()
      return
    }
    if (turn === maxTurns) break

    const { results, pending } = yield* answerCalls(said.calls, run, tools)
    if (pending.length > 0) {
      yield end({ outcome: { type: 'success', pendingToolCallIds: pending } })
      return
    }
    messages.push(...chatTurnMessages(said, results))
  }
  throw new AgentError('endless', `the model was called ${maxTurns} times and still asks for tools; raise maxTurns if that is right`)
}

/** Server-side tools win over a client's of the same name: a client must not take over what the server does. */
function offeredTools(run: AgentRun, tools: readonly ServerTool[]): { readonly tools?: ChatCompletionFunctionTool[] } {
  const own = new Set(tools.map(({ name }) => name))
  const all = [...tools, ...run.input.tools.filter(({ name }) => !own.has(name))]
  if (all.length === 0) return {}
  return {
    tools: all.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters: (parameters as Record<string, unknown> | undefined) ?? NO_ARGUMENTS },
    })),
  }
}

const NO_ARGUMENTS = { type: 'object', properties: {} }

/** What became of the calls of one turn. */
interface AnsweredCalls {
  readonly results: ReadonlyMap<string, string>
  /** The calls that a client has to answer. */
  readonly pending: string[]
}

/** Runs the server-side tools of a turn at the same time; each result is told when it is there, also where the run was stopped meanwhile. */
async function* answerCalls(
  calls: readonly ModelToolCall[],
  run: AgentRun,
  tools: readonly ServerTool[],
): AsyncGenerator<AgentEvent, AnsweredCalls, undefined> {
  const results = new Map<string, string>()
  const working = new Map<string, Promise<{ readonly id: string; readonly outcome: ToolOutcome }>>()
  const pending: string[] = []

  for (const { id, name, args } of calls) {
    const tool = tools.find((known) => known.name === name)
    if (tool !== undefined) {
      const ask: ToolUse['ask'] = (question) => run.ask({ ...question, toolCallId: id })
      working.set(
        id,
        runTool(tool, args, { toolCallId: id, signal: run.signal, ask }).then((outcome) => ({ id, outcome })),
      )
    } else if (run.input.tools.some((offered) => offered.name === name)) {
      pending.push(id)
    } else {
      results.set(id, failed(`there is no tool named ${name}`))
    }
  }
  for (const [id, text] of results) yield toolResult(id, text)
  while (working.size > 0) {
    const { id, outcome } = await Promise.race(working.values())
    working.delete(id)
    if (outcome.kind === 'stopped') continue
    results.set(id, outcome.text)
    yield toolResult(id, outcome.text)
  }
  run.signal.throwIfAborted()
  return { results, pending }
}

/** A turn and its results as the model sees them in the next. Some providers refuse it without what the model thought meanwhile. */
function chatTurnMessages(said: ChatTurn, results: ReadonlyMap<string, string>): ChatCompletionMessageParam[] {
  const thought = said.reasoning === undefined ? {} : { [said.reasoning.field]: said.reasoning.text }
  return [
    {
      ...thought,
      role: 'assistant',
      content: said.text === '' ? null : said.text,
      tool_calls: said.calls.map(({ id, name, args }) => chatToolCall(id, name, args)),
    },
    ...said.calls.map(({ id }) => chatToolResult(id, results.get(id) ?? failed('no result'))),
  ]
}
