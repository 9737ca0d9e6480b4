import { nanoid } from 'nanoid'
import type { TokenUsage } from '@throughline/sdk/protocol'
import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import { calledTools, type ModelToolCall, type ToolCallDelta } from './called-tools.ts'
import type { AgentEvent } from './contract.ts'
import { finishReason } from './model-stream.ts'
import { spokenParts } from './spoken-parts.ts'
import { tokenUsage } from './token-usage.ts'

/** What a model did in one turn. */
export interface ChatTurn {
  readonly text: string
  /** What it thought, under the field that its provider uses. */
  readonly reasoning?: { readonly field: ReasoningField; readonly text: string }
  readonly calls: readonly ModelToolCall[]
  /** Why the answer is not whole: `length`, `content_filter` or a word of the provider's own. */
  readonly cutBy?: string
}

/** What a turn is read with. */
export interface ChatTurnOptions {
  /** Whether a tool call of the conversation has this id already. */
  readonly isTaken: (toolCallId: string) => boolean
  /** Told what the call used so far, each time that the provider tells: where it breaks off that is all there is. */
  readonly onUsage: (usage: TokenUsage) => void
}

/** Turns the chunks of one model call into events; what it returns is the turn as a whole. */
export async function* readChatTurn(
  chunks: AsyncIterable<ChatCompletionChunk>,
  { isTaken, onUsage }: ChatTurnOptions,
): AsyncGenerator<AgentEvent, ChatTurn, undefined> {
  const turnId = nanoid()
  const parts = spokenParts()
  const tools = calledTools({ parentMessageId: () => parts.textId() ?? turnId, isTaken })
  let text = ''
  let reasoning: ChatTurn['reasoning']
  let finish: string | undefined

  for await (const chunk of chunks) {
    // Some providers send the figures once, some with every chunk: the last ones count.
    if (chunk.usage) onUsage(tokenUsage(chunk.model, chunk.usage))
    finish = finishReason(chunk) ?? finish
    const delta = readDelta(chunk)
    if (delta.reasoning !== undefined) {
      yield* parts.reasoning(delta.reasoning.text)
      reasoning = { field: delta.reasoning.field, text: (reasoning?.text ?? '') + delta.reasoning.text }
    }
    yield* parts.text(delta.text)
    text += delta.text
    for (const call of delta.calls) {
      yield* parts.close()
      yield* tools.read(call)
    }
  }

  const cutBy = isWhole(finish) ? undefined : finish
  yield* parts.close(cutBy === undefined ? undefined : { finishReason: cutBy })
  const { events, calls } = tools.close()
  yield* events
  return {
    text,
    calls,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(cutBy === undefined ? {} : { cutBy }),
  }
}

function isWhole(finish: string | undefined): boolean {
  return finish === undefined || finish === 'stop' || finish === 'tool_calls' || finish === 'function_call'
}

/** DeepSeek, xAI, Alibaba and others say `reasoning_content`; OpenRouter, vLLM and Groq `reasoning`. */
const REASONING_FIELDS = ['reasoning_content', 'reasoning'] as const

type ReasoningField = (typeof REASONING_FIELDS)[number]

interface Delta {
  readonly text: string
  readonly reasoning?: { readonly field: ReasoningField; readonly text: string }
  readonly calls: readonly ToolCallDelta[]
}

/** Reads a chunk as it really comes: any field may be null or missing. */
function readDelta(chunk: ChatCompletionChunk): Delta {
  const delta: Partial<Record<string, unknown>> & { tool_calls?: readonly ToolCallDelta[] | null } = { ...chunk.choices?.[0]?.delta }
  const field = REASONING_FIELDS.find((name) => asText(delta[name]) !== '')
  return {
    text: asText(delta['content']) + asText(delta['refusal']),
    ...(field === undefined ? {} : { reasoning: { field, text: asText(delta[field]) } }),
    calls: delta.tool_calls ?? [],
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
