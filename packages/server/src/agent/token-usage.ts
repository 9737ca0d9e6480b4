import type { TokenUsage } from '@throughline/sdk/protocol'
import type { CompletionUsage } from 'openai/resources/completions'

/** Counts one model call by AG-UI's rule: cached and reasoning tokens are parts of the totals, never beside them. */
export function tokenUsage(model: string, usage: Partial<CompletionUsage>): TokenUsage {
  const { prompt_tokens: inputTokens = 0, completion_tokens: completionTokens = 0 } = usage
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? 0
  const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens ?? 0
  // xAI counts reasoning beside the completion; its total gives that away.
  const isBeside = usage.total_tokens === inputTokens + completionTokens + reasoningTokens
  const outputTokens = completionTokens + (isBeside ? reasoningTokens : 0)
  return {
    model,
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(reasoningTokens > 0 ? { reasoningTokens } : {}),
    ...(cachedInputTokens > 0 ? { cachedInputTokens } : {}),
  }
}

const COUNTS = ['inputTokens', 'outputTokens', 'totalTokens', 'reasoningTokens', 'cachedInputTokens'] as const

/** Adds a call to what a run used so far: one entry a model. */
export function addUsage(sum: readonly TokenUsage[], call: TokenUsage): TokenUsage[] {
  const index = sum.findIndex(({ model }) => model === call.model)
  const before = sum[index]
  if (before === undefined) return [...sum, call]
  const both = { ...before, ...call }
  for (const count of COUNTS) {
    if (before[count] !== undefined && call[count] !== undefined) both[count] = before[count] + call[count]
  }
  return sum.with(index, both)
}

/** What the model calls of a run used so far, also the one that is under way. */
export interface UsageTally {
  /** Figures of the call under way; they take the place of those that it told before. */
  note(call: TokenUsage): void
  /** The call is over. */
  nextCall(): void
  /** One entry a model; undefined while no figures came. */
  sum(): TokenUsage[] | undefined
}

/** Begins with nothing used. */
export function tallyUsage(): UsageTally {
  let before: TokenUsage[] = []
  let current: TokenUsage | undefined
  const sum = () => (current === undefined ? before : addUsage(before, current))

  return {
    note(call) {
      current = call
    },
    nextCall() {
      before = sum()
      current = undefined
    },
    sum: () => (sum().length > 0 ? sum() : undefined),
  }
}
