import type { Client, SessionEntry } from '../../index.ts'
import { isClosed } from './is-closed.ts'
import { useSelected, type Changing } from './use-selected.ts'

type Directory = readonly SessionEntry[] | undefined

const directory: Changing<Client, Directory> = {
  blank: undefined,
  getState: (client) => client.directory,
  subscribe: (client, listener) => {
    if (!isClosed(client)) client.watch()
    return client.on('directory', listener)
  },
}

/**
 * The sessions of the user, newest first, kept up to date: whether one runs, waits for an answer or is done is in its entry, so
 * that it need not be followed for a badge. Undefined until they are known, which is not the same as none.
 */
export function useSessions(client: Client): Directory
/** What a component needs of them; it renders again only when that has changed. */
export function useSessions<Selected>(
  client: Client,
  select: (sessions: Directory) => Selected,
  isEqual?: (one: Selected, other: Selected) => boolean,
): Selected
export function useSessions(
  client: Client,
  select?: (sessions: Directory) => unknown,
  isEqual?: (one: unknown, other: unknown) => boolean,
): unknown {
  return useSelected(directory, client, select, isEqual)
}
