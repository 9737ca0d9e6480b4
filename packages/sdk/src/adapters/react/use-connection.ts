import type { Client, ConnectionState } from '../../index.ts'
import { useSelected, type Changing } from './use-selected.ts'

const connection: Changing<Client, ConnectionState> = {
  blank: { status: 'idle' },
  getState: (client) => client.state,
  subscribe: (client, listener) => client.on('state', listener),
}

/** Where a client stands with its server, e.g. `live`, or `waiting` with the time of the next attempt. */
export function useConnection(client: Client): ConnectionState
/** What a component needs of it; it renders again only when that has changed. */
export function useConnection<Selected>(
  client: Client,
  select: (state: ConnectionState) => Selected,
  isEqual?: (one: Selected, other: Selected) => boolean,
): Selected
export function useConnection(
  client: Client,
  select?: (state: ConnectionState) => unknown,
  isEqual?: (one: unknown, other: unknown) => boolean,
): unknown {
  return useSelected(connection, client, select, isEqual)
}
