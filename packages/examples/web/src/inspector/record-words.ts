import type { InspectorRecord, RecordOf } from './record.ts'

/** A record in words. */
export interface RecordWords {
  /** `good`: a repair that worked; `notice`: something to look at; `bad`: something was wrong and is being repaired. */
  readonly tone: 'plain' | 'good' | 'notice' | 'bad'
  readonly label: string
  readonly detail: string
}

const SWITCH_NAMES = { cut: 'Line cut', hole: 'Black hole', stall: 'Reading stopped', refuse: 'No WebSockets' } as const

const TRANSPORT_NAMES = { websocket: 'a WebSocket', stream: 'streams and requests' } as const

const TRANSPORT_REASONS = {
  first: 'the first choice',
  unanswered: 'dials over the other got no answer',
  died_young: 'links over the other died young',
  not_loaded: 'the code of the other could not be loaded',
  works_again: 'one that was tried on the side was welcome',
} as const

const SPARE_OUTCOMES = {
  dialled: 'the link does not answer: a second socket is dialled beside it',
  taken: 'it was open before the link answered: the next link runs over it',
  dropped: 'it is not needed',
  failed: 'it did not open',
} as const

const TOKEN_OUTCOMES = {
  sent: 'a fresh one, before the old one expires',
  accepted: 'the link goes on with it',
  refused: 'it is somebody else’s: another link is dialled with it',
  missing: 'there is no fresh one: the link will end when the old one expires',
} as const

/** Says what a record means, for somebody who sees its kind for the first time. */
export function recordWords(record: InspectorRecord): RecordWords {
  switch (record.type) {
    case 'dial':
      return {
        tone: 'plain',
        label: 'Dial',
        detail: `${record.attempt > 1 ? `attempt ${record.attempt}` : 'a new link is opened'}${record.transport === 'stream' ? ', as a stream' : ''}`,
      }
    case 'transport':
      return {
        tone: 'notice',
        label: 'Transport',
        detail: `from now on ${TRANSPORT_NAMES[record.transport]}: ${TRANSPORT_REASONS[record.why]}`,
      }
    case 'open':
      return { tone: 'plain', label: 'Open', detail: 'hello and the attaches leave together' }
    case 'welcome':
      return { tone: 'good', label: 'Welcome', detail: `from ${record.node}, as ${record.principal}` }
    case 'lost':
      return {
        tone: record.code === 1000 ? 'plain' : 'bad',
        label: 'Link gone',
        detail: [record.code, record.reason].filter((word) => word !== '').join(': '),
      }
    case 'wait':
      return { tone: 'notice', label: 'Wait', detail: `${(record.ms / 1000).toFixed(1)} s before attempt ${record.attempt}` }
    case 'bye':
      return { tone: 'notice', label: 'Bye', detail: `the server goes down: ${record.reason}` }
    case 'wake':
      return { tone: 'notice', label: 'Wake signal', detail: record.signal }
    case 'probe':
      return { tone: 'plain', label: 'Probe', detail: 'is the link still there?' }
    case 'answer':
      return { tone: 'good', label: 'Answer', detail: `after ${record.ms} ms: the link stays` }
    case 'spare':
      return { tone: record.outcome === 'taken' ? 'good' : 'plain', label: 'Spare', detail: SPARE_OUTCOMES[record.outcome] }
    case 'token':
      return {
        tone: record.outcome === 'sent' || record.outcome === 'accepted' ? 'plain' : 'notice',
        label: 'Token',
        detail: TOKEN_OUTCOMES[record.outcome],
      }
    case 'http':
      return { tone: 'bad', label: 'HTTP', detail: `${record.method} ${record.path}: ${record.status ?? 'no answer'}, ${record.code}` }
    case 'unsaved':
      return { tone: 'notice', label: 'Not saved', detail: record.reason }
    case 'state':
      return { tone: 'plain', label: 'Connection', detail: record.status }
    case 'switch':
      return { tone: 'notice', label: SWITCH_NAMES[record.name], detail: record.on ? 'from here on' : 'no more' }
    default:
      return sessionWords(record)
  }
}

type SessionRecord = Exclude<
  InspectorRecord,
  {
    readonly type:
      | 'dial'
      | 'transport'
      | 'open'
      | 'welcome'
      | 'lost'
      | 'wait'
      | 'bye'
      | 'wake'
      | 'probe'
      | 'answer'
      | 'spare'
      | 'token'
      | 'http'
      | 'unsaved'
      | 'state'
      | 'switch'
  }
>

function sessionWords(record: SessionRecord): RecordWords {
  switch (record.type) {
    case 'attach':
      return { tone: 'plain', label: 'Attach', detail: record.cursor === undefined ? 'without a cursor' : `from cursor ${record.cursor}` }
    case 'attached':
      return attachedWords(record)
    case 'unattached':
      return {
        tone: 'notice',
        label: 'Not attached',
        detail: `${record.code.replaceAll('_', ' ')}${record.retryMs === undefined ? '' : `, again in ${(record.retryMs / 1000).toFixed(1)} s`}`,
      }
    case 'painted':
      return { tone: 'good', label: 'From storage', detail: `shown through ${record.seq}; the server's word follows` }
    case 'batch': {
      const { from, to, events, merged } = record
      if (merged) return { tone: 'good', label: 'Merged batch', detail: `${span(from, to)}: ${to - from + 1} events came as ${events}` }
      return { tone: 'plain', label: 'Batch', detail: `${span(from, to)}: ${count(events, 'event')}` }
    }
    case 'duplicate':
      return { tone: 'notice', label: 'Duplicate', detail: `${span(record.from, record.to)} was here already, and was dropped` }
    case 'gap':
      return { tone: 'bad', label: 'Gap', detail: `${span(record.seq + 1, record.from - 1)} is missing: the link is replaced` }
    case 'damage':
      return { tone: 'bad', label: 'Damage', detail: record.fault }
    case 'detached':
      return { tone: 'notice', label: 'Detached', detail: `by the server: ${record.reason}` }
    case 'send':
      return { tone: 'plain', label: 'Command', detail: `${record.command} ${record.id}` }
    case 'resend':
      return { tone: 'notice', label: 'Sent again', detail: `${record.command} ${record.id}: it has effect once` }
    case 'settled':
      return { tone: 'plain', label: 'Settled', detail: `${record.id}, by ${record.by === 'event' ? 'its own event' : record.by}` }
    case 'unseen':
      return record.lost
        ? { tone: 'bad', label: 'Swallowed', detail: `everything through ${record.to} fell into the black hole` }
        : { tone: 'notice', label: 'Held back', detail: `everything through ${record.to} waits to be read` }
    default:
      return record satisfies never
  }
}

function attachedWords({ resumed, reason, seq, head }: RecordOf<'attached'>): RecordWords {
  if (resumed) return { tone: 'good', label: 'Resumed', detail: `at ${seq} of ${head}; only what is missing comes` }
  if (reason === 'no_cursor') return { tone: 'plain', label: 'First load', detail: `a snapshot through ${seq} of ${head}` }
  return { tone: 'notice', label: 'Snapshot', detail: `through ${seq} of ${head}, because: ${(reason ?? 'unknown').replaceAll('_', ' ')}` }
}

function span(from: number, to: number): string {
  return from === to ? `${from}` : `${from}–${to}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
