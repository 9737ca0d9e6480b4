import type { CommandFrame } from '@throughline/sdk/protocol'

/** What its app calls a command: an answer by its payload, since the client gives it an id of its own. */
export function commandName(frame: Pick<CommandFrame, 'id'> & { readonly payload?: unknown }): string {
  return typeof frame.payload === 'string' ? frame.payload : frame.id
}
