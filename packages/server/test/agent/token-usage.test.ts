import { expect, test } from 'vitest'
import { addUsage, tokenUsage } from '../../src/agent/token-usage.ts'

test('reasoning and cached tokens are parts of the totals', () => {
  const usage = {
    prompt_tokens: 339,
    completion_tokens: 83,
    total_tokens: 422,
    prompt_tokens_details: { cached_tokens: 320 },
    completion_tokens_details: { reasoning_tokens: 39 },
  }
  expect(tokenUsage('m', usage)).toEqual({
    model: 'm',
    inputTokens: 339,
    outputTokens: 83,
    totalTokens: 422,
    reasoningTokens: 39,
    cachedInputTokens: 320,
  })
})

test('reasoning that a provider counts beside the completion is added to it', () => {
  const usage = { prompt_tokens: 307, completion_tokens: 26, total_tokens: 560, completion_tokens_details: { reasoning_tokens: 227 } }
  expect(tokenUsage('m', usage)).toEqual({ model: 'm', inputTokens: 307, outputTokens: 253, totalTokens: 560, reasoningTokens: 227 })
})

test('figures that a provider leaves out count as none', () => {
  expect(tokenUsage('m', {})).toEqual({ model: 'm', inputTokens: 0, outputTokens: 0, totalTokens: 0 })
})

test('calls of one model add up, and those of another stay apart', () => {
  const a = { model: 'a', inputTokens: 1, outputTokens: 2, totalTokens: 3 }
  const b = { model: 'b', inputTokens: 10, outputTokens: 20, totalTokens: 30 }
  const sum = [a, b, { ...a, reasoningTokens: 2 }, { ...a, reasoningTokens: 1 }, a].reduce(addUsage, [])
  expect(sum).toEqual([{ model: 'a', inputTokens: 4, outputTokens: 8, totalTokens: 12, reasoningTokens: 3 }, b])
})
