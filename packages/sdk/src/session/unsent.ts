import type { SessionError } from '../errors.ts'
import type { CommandFrame } from '../protocol/index.ts'
import type { SavedCommand, SavedPort } from './saved-port.ts'

/** A command of an earlier page that will not take effect, with the text that somebody typed, so that it is not lost. */
export interface UnsentCommand {
  readonly command: CommandFrame
  /** The text of a send; empty where it has none, and for other commands. */
  readonly text: string
  readonly error: SessionError
}

/** The commands of earlier pages that will not take effect. No promise tells the app of them, so they are kept until a listener has heard it. */
export class Unsent {
  readonly #saved: SavedPort | undefined
  #commands: readonly UnsentCommand[] = []

  constructor(saved: SavedPort | undefined) {
    this.#saved = saved
  }

  add({ frame, at, order }: SavedCommand, error: SessionError): void {
    this.found(frame, error)
    void this.#saved?.put({ frame, at, order, error: { code: error.code, message: error.message } })
  }

  /** As `add`, of one that is kept with its error already. */
  found(command: CommandFrame, error: SessionError): void {
    this.#commands = [...this.#commands, { command, text: textOf(command), error }]
  }

  /** Gives those of a session. Whoever takes them tells the app: they are kept no longer. */
  take(session: string): readonly UnsentCommand[] {
    const taken = this.#commands.filter(({ command }) => command.session === session)
    this.#commands = this.#commands.filter(({ command }) => command.session !== session)
    for (const { command } of taken) this.#saved?.drop(command.id)
    return taken
  }

  /** Forgets all, since they are another user's. */
  clear(): void {
    this.#commands = []
  }
}

function textOf(command: CommandFrame): string {
  const content = command.type === 'send' ? command.message?.content : undefined
  const texts = typeof content === 'string' ? [content] : (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return texts.join('\n')
}
