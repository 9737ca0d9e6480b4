import type { Client } from '../../index.ts'

/** Whether the app has closed the client, which then throws at whoever asks it for anything. */
export function isClosed({ state }: Client): boolean {
  return state.status === 'closed' && state.reason.code === 'closed'
}
