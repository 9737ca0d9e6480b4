import type { Answer, Question } from './contract.ts'

/** What a tool is given beside its arguments. */
export interface ToolUse {
  readonly toolCallId: string
  /** Aborts when the run is stopped. */
  readonly signal: AbortSignal
  /** Asks a person before, or while, the tool does its work; the question names this tool call. */
  readonly ask: (question: Omit<Question, 'toolCallId'>) => Promise<Answer>
}

/** A tool that the server runs. */
export interface ServerTool {
  readonly name: string
  /** What it does, for the model. */
  readonly description: string
  /** A JSON schema of the arguments. It goes to the model; what the model sends is not checked against it. @default no arguments */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Does the work. What is returned goes to the model, values other than text as JSON; what is thrown goes there as an error, for the model to mend. */
  readonly execute: (args: unknown, use: ToolUse) => unknown
}

/** What became of a tool: a text for the model, or nothing, since the run was stopped first. */
export type ToolOutcome = { readonly kind: 'result'; readonly text: string } | { readonly kind: 'stopped' }

/** Runs a tool on arguments as a model wrote them. Never rejects. */
export async function runTool(tool: ServerTool, args: string, use: ToolUse): Promise<ToolOutcome> {
  const read = readArgs(args)
  if (read.kind === 'malformed') return { kind: 'result', text: failed(`the arguments are not JSON: ${read.reason}`) }
  try {
    const result = await tool.execute(read.args, use)
    return { kind: 'result', text: typeof result === 'string' ? result : (JSON.stringify(result) ?? 'done') }
  } catch (error) {
    if (use.signal.aborted) return { kind: 'stopped' }
    return { kind: 'result', text: failed(error instanceof Error ? error.message : String(error)) }
  }
}

/** How a failure is told to the model. */
export function failed(reason: string): string {
  return `Error: ${reason}`
}

type ReadArgs = { readonly kind: 'args'; readonly args: unknown } | { readonly kind: 'malformed'; readonly reason: string }

function readArgs(args: string): ReadArgs {
  if (args.trim() === '') return { kind: 'args', args: {} }
  try {
    return { kind: 'args', args: JSON.parse(args) as unknown }
  } catch (error) {
    return { kind: 'malformed', reason: error instanceof Error ? error.message : String(error) }
  }
}
