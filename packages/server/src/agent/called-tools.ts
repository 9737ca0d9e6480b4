import { nanoid } from 'nanoid'
import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { AgentEvent } from './contract.ts'

/** A tool call that a model made, whole. */
export interface ModelToolCall {
  readonly id: string
  readonly name: string
  /** As the model wrote them: JSON, if all went well. */
  readonly args: string
}

/** Gathers the tool calls of a model's turn out of their pieces. */
export interface CalledTools {
  read(delta: ToolCallDelta): readonly AgentEvent[]
  /** Ends all calls. */
  close(): { readonly events: readonly AgentEvent[]; readonly calls: readonly ModelToolCall[] }
}

/** A piece as providers really send it: some leave out the index, some repeat the id, some send it empty. */
export type ToolCallDelta = Partial<ChatCompletionChunk.Choice.Delta.ToolCall>

interface Call {
  readonly index: number | undefined
  /** The provider's id, which says whether a later piece belongs here. */
  readonly givenId: string
  readonly id: string
  name: string
  args: string
}

/** Where the calls of a turn belong. */
export interface CallPlace {
  /** The message that holds a call which begins now. */
  readonly parentMessageId: () => string
  /** Whether a call of the session has this id already. */
  readonly isTaken: (toolCallId: string) => boolean
}

/** Begins a model's turn. */
export function calledTools({ parentMessageId, isTaken }: CallPlace): CalledTools {
  const calls: Call[] = []

  const open = (delta: ToolCallDelta): Call => {
    const givenId = delta.id ?? ''
    // Some local servers count from `call_0` in every turn, and results find their call by its id alone.
    const isFree = givenId !== '' && !isTaken(givenId) && !calls.some(({ id }) => id === givenId)
    const call = { index: delta.index, givenId, id: isFree ? givenId : nanoid(), name: '', args: '' }
    calls.push(call)
    return call
  }

  return {
    read(delta) {
      const call = calls.findLast((known) => continues(known, delta)) ?? open(delta)
      const piece = delta.function?.arguments ?? ''
      const wasNamed = call.name !== ''
      call.args += piece
      if (wasNamed) return piece === '' ? [] : [argsDelta(call.id, piece)]
      call.name = delta.function?.name ?? ''
      if (call.name === '') return []
      const start: AgentEvent = {
        type: 'TOOL_CALL_START',
        toolCallId: call.id,
        toolCallName: call.name,
        parentMessageId: parentMessageId(),
      }
      return call.args === '' ? [start] : [start, argsDelta(call.id, call.args)]
    },
    close() {
      // A call without a name was never told of, and nobody could run it.
      const named = calls.filter(({ name }) => name !== '')
      return {
        events: named.map(({ id }) => ({ type: 'TOOL_CALL_END', toolCallId: id })),
        calls: named.map(({ id, name, args }) => ({ id, name, args })),
      }
    },
  }
}

/** By the index; a further id that comes with a name is a further call nevertheless, since some providers send index 0 for all. */
function continues(call: Call, delta: ToolCallDelta): boolean {
  const id = delta.id ?? ''
  const name = delta.function?.name ?? ''
  if (id !== '' && name !== '' && id !== call.givenId) return false
  if (delta.index !== undefined) return call.index === delta.index
  return id === '' || id === call.givenId
}

function argsDelta(toolCallId: string, delta: string): AgentEvent {
  return { type: 'TOOL_CALL_ARGS', toolCallId, delta }
}
