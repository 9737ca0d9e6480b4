import type { SessionError } from '../errors.ts'
import type { CommandFrame } from '../protocol/index.ts'

/** A command of an earlier page that will not take effect, with the text that somebody typed, so that it is not lost. */
export interface UnsentCommand {
  readonly command: CommandFrame
  /** The text of a send; empty where it has none, and for other commands. */
  readonly text: string
  readonly error: SessionError
}

/** What an app is told of a command that will not take effect. */
export function unsentCommand(command: CommandFrame, error: SessionError): UnsentCommand {
  const content = command.type === 'send' ? command.message?.content : undefined
  const texts = typeof content === 'string' ? [content] : (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return { command, text: texts.join('\n'), error }
}
