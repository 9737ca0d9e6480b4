import type { Client } from '@throughline/sdk'
import type { LineSwitches } from '../line-switches.ts'
import type { InspectorRecord } from './record.ts'

/** Writes down what the client and the switches tell. What comes back stops it. */
export function recordLine(client: Client, switches: LineSwitches, write: (record: InspectorRecord) => void): () => void {
  const now = (): number => Date.now()
  const stops = [
    client.on('log', write),
    client.on('state', () => write({ type: 'state', status: client.state.status, at: now() })),
    switches.listen((news) => write({ ...news, at: now() })),
  ]
  write({ type: 'state', status: client.state.status, at: now() })
  return () => {
    for (const stop of stops) stop()
  }
}
