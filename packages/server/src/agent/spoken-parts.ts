import { nanoid } from 'nanoid'
import type { AgentEvent } from './contract.ts'

/** Turns deltas of text and reasoning, as a model sends them, into parts: what is open is closed when the other kind begins. */
export interface SpokenParts {
  text(delta: string): readonly AgentEvent[]
  reasoning(delta: string): readonly AgentEvent[]
  /** Closes what is open, with what became known at its end. */
  close(metadata?: Record<string, unknown>): readonly AgentEvent[]
  /** The id of the text that came last. */
  textId(): string | undefined
}

type Open = { readonly kind: 'nothing' } | { readonly kind: 'text' | 'reasoning'; readonly id: string }

/** Begins a model's turn. */
export function spokenParts(): SpokenParts {
  let open: Open = { kind: 'nothing' }
  let textId: string | undefined

  return {
    text(delta) {
      if (delta === '') return []
      if (open.kind === 'text') return [textDelta(open.id, delta)]
      const closing = closed(open)
      const id = nanoid()
      textId = id
      open = { kind: 'text', id }
      return [...closing, { type: 'TEXT_MESSAGE_START', messageId: id, role: 'assistant' }, textDelta(id, delta)]
    },
    reasoning(delta) {
      if (delta === '') return []
      if (open.kind === 'reasoning') return [reasoningDelta(open.id, delta)]
      const closing = closed(open)
      const id = nanoid()
      open = { kind: 'reasoning', id }
      return [
        ...closing,
        { type: 'REASONING_START', messageId: id },
        { type: 'REASONING_MESSAGE_START', messageId: id, role: 'reasoning' },
        reasoningDelta(id, delta),
      ]
    },
    close(metadata) {
      const closing = closed(open, metadata)
      open = { kind: 'nothing' }
      return closing
    },
    textId: () => textId,
  }
}

function closed(open: Open, metadata?: Record<string, unknown>): readonly AgentEvent[] {
  const known = metadata === undefined ? {} : { metadata }
  switch (open.kind) {
    case 'nothing':
      return []
    case 'text':
      return [{ type: 'TEXT_MESSAGE_END', messageId: open.id, ...known }]
    case 'reasoning':
      return [
        { type: 'REASONING_MESSAGE_END', messageId: open.id, ...known },
        { type: 'REASONING_END', messageId: open.id },
      ]
    default:
      open satisfies never
      return []
  }
}

function textDelta(messageId: string, delta: string): AgentEvent {
  return { type: 'TEXT_MESSAGE_CONTENT', messageId, delta }
}

function reasoningDelta(messageId: string, delta: string): AgentEvent {
  return { type: 'REASONING_MESSAGE_CONTENT', messageId, delta }
}
