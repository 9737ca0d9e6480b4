import type { Client } from '@throughline/sdk'
import type { LineSwitches } from '../line-switches.ts'
import type { InspectorRecord } from './record.ts'

/** Writes down what the client and the switches tell. What comes back stops it. */
export function recordLine(client: Client, switches: LineSwitches, write: (record: InspectorRecord) => void): () => void {
  const stops = [
    client.on('log', write),
    client.on('state', () => write({ type: 'state', status: client.state.status, at: Date.now() })),
    switches.listen((news) => write({ ...news, at: Date.now() })),
  ]
  write({ type: 'state', status: client.state.status, at: Date.now() })
  return () => {
    for (const stop of stops) stop()
  }
}
