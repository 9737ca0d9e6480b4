import { isDeepStrictEqual } from 'node:util'
import { connect, type Client, type ConnectOptions, type LogEntry, type LogRecord, type Session } from '@throughline/sdk'
import type { Snapshot } from '@throughline/sdk/protocol'
import { expect, onTestFinished } from 'vitest'
import { until } from '../until.ts'

/** A client on one session that notes everything a person or an app could take for a fault. */
export interface Watcher {
  readonly client: Client
  readonly session: Session
  readonly log: readonly LogRecord[]
  /** What nobody should have to see: an error, a failure, an event that was told twice, a connection that was given up. */
  readonly alarms: readonly unknown[]
  /** What the agent said in its first answer, as it stands here. */
  readonly answer: () => string
  /** Waits for a record of the log that comes after this call. */
  readonly next: <Type extends LogEntry['type']>(
    type: Type,
    fields?: Partial<Extract<LogRecord, { type: Type }>>,
  ) => Promise<Extract<LogRecord, { type: Type }>>
  /** Waits until there are so many messages, nothing is under way, and all of it is as the server has it. */
  readonly isLevelWith: (read: () => Promise<Snapshot>, count: number) => Promise<Snapshot>
}

/** Follows a session over the given address. */
export function watch(url: string, id: string, options: ConnectOptions = {}): Watcher {
  const client = connect(url, options)
  onTestFinished(() => client.close())
  const log: LogRecord[] = []
  const alarms: unknown[] = []
  client.on('log', (record) => log.push(record))
  client.on('error', (error) => alarms.push(error))
  client.on('state', (state) => {
    if (state.status === 'closed' && state.reason.code !== 'closed') alarms.push(state)
  })
  const session = client.session(id)
  session.on('failure', (error) => alarms.push(error))
  let toldSeq = 0
  session.on('event', ({ type }, { seq }) => {
    if (seq < toldSeq) alarms.push(`${type} of ${seq} after ${toldSeq}`)
    toldSeq = seq
  })

  return {
    client,
    session,
    log,
    alarms,
    answer: () => textOf(session.state.messages.find(({ role }) => role === 'assistant')?.parts ?? []),
    next(type, fields = {}) {
      const from = log.length
      return until(() => {
        const found = log.slice(from).find((record) => record.type === type && isDeepStrictEqual({ ...record, ...fields }, record))
        return (found as never) ?? expect.fail(`waited for ${type} ${JSON.stringify(fields)}, heard ${JSON.stringify(log.slice(from))}`)
      })
    },
    isLevelWith: (read, count) =>
      until(async () => {
        const snapshot = await read()
        const { messages, runs, queue } = snapshot.transcript
        expect(session.state.status).toBe('idle')
        expect(messages).toHaveLength(count)
        expect({ messages: session.state.messages, queue: session.state.queue }).toEqual({ messages, queue })
        expect(runs.map(({ state }) => state.status)).not.toContain('running')
        return snapshot
      }),
  }
}

/** The text of a message's parts. */
export function textOf(parts: Snapshot['transcript']['messages'][number]['parts']): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
}
