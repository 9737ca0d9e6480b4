import type { LastRun, Limits, ServerFrame, SessionEntry, Snapshot, Transcript } from '../../src/protocol/index.ts'
import {
  maybe,
  needed,
  NOT_BOOLEAN,
  NOT_COUNT,
  NOT_LIST,
  NOT_NUMBER,
  NOT_RECORD,
  NOT_TEXT,
  NOTHING,
  type FieldTable,
} from './field-table.ts'

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>

/** `attached` as one object: which fields it has where is for the rules between them. */
interface AttachedFields {
  readonly id: string
  readonly session: string
  readonly head: number
  readonly resumed: boolean
  readonly reason?: string
  readonly snapshot?: Snapshot
}

type FieldsOf<T extends ServerFrame['type']> = T extends 'attached' ? AttachedFields : Omit<FrameOf<T>, 'type'>

const LIMITS: Limits = { frameBytes: 1, messageBytes: 2, queueBytes: 3, commandsPerMinute: 4, sessionsPerLink: 5 }

const ENTRY: Required<SessionEntry> = {
  id: 'ses_1',
  key: 'rome',
  title: 'Rome',
  agent: 'demo',
  status: 'idle',
  last: { run: 'run_1', outcome: 'error', code: 'limit' },
  open: true,
  position: 1.5,
  settings: null,
  createdAt: 1,
  updatedAt: 2,
}

const TRANSCRIPT: Required<Transcript> = {
  messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', id: 'm1', text: 'Hello' }] }],
  runs: [{ id: 'run_1', state: { status: 'running' }, messages: 0 }],
  queue: [{ message: { id: 'm2', role: 'user', content: 'And?' }, by: 'ann' }],
  interrupts: [{ id: 'i1', reason: 'input', run: 'run_0' }],
  agentState: null,
  custom: { a: 1 },
}

const SNAPSHOT: Snapshot = { cursor: 'AbCdEfGhIj.7', more: false, transcript: TRANSCRIPT }

/** Every server frame with every field that it may have. */
export const SERVER_FRAMES: { readonly [T in ServerFrame['type']]: Required<FrameOf<T>> } = {
  welcome: { type: 'welcome', node: 'n1', principal: 'ann', expiresAt: 1, pingMs: 15_000, limits: LIMITS, durability: 'disk' },
  attached: { type: 'attached', id: 'a1', session: 'ses_1', head: 7, resumed: false, reason: 'no_cursor', snapshot: SNAPSHOT },
  batch: { type: 'batch', session: 'ses_1', from: 8, to: 9, mark: 'AbCdEfGh_-', at: 1.5, events: [{ type: 'RUN_ERROR', message: 'x' }] },
  accepted: { type: 'accepted', id: 'c1', result: { run: 'run_1' } },
  refused: { type: 'refused', id: 'c1', session: 'ses_1', code: 'busy', message: 'busy', retryMs: 100 },
  detached: { type: 'detached', id: 'a1', session: 'ses_1', reason: 'deleted' },
  directory: { type: 'directory', sessions: [ENTRY], gone: ['ses_0'], more: true },
  ping: { type: 'ping', n: 1, sent: { ses_1: 9 } },
  pong: { type: 'pong', n: 1 },
  bye: { type: 'bye', reason: 'shutdown', retryMs: 1000 },
  closed: { type: 'closed', code: 4002, reason: 'token_expired' },
}

const NOT_MARK = [...NOT_TEXT, '', 'AbCdEfGhI', 'AbCdEfGhIjK', 'AbCdEfGh.j', 'AbCdEfGhI ']

/** What the protocol promises of every field of every server frame. */
export const SERVER_FIELDS: { readonly [T in ServerFrame['type']]: FieldTable<FieldsOf<T>> } = {
  welcome: {
    node: needed(NOT_TEXT),
    principal: needed(NOT_TEXT),
    expiresAt: maybe(NOT_NUMBER),
    pingMs: needed(NOT_COUNT),
    limits: needed(NOT_RECORD),
    durability: needed(NOT_TEXT),
  },
  attached: {
    id: needed(NOT_TEXT),
    session: needed(NOT_TEXT),
    head: needed(NOT_COUNT),
    resumed: needed(NOT_BOOLEAN),
    reason: maybe(NOT_TEXT),
    snapshot: maybe(NOT_RECORD),
  },
  batch: {
    session: needed(NOT_TEXT),
    from: needed(NOT_COUNT, [0, 10]),
    to: needed(NOT_COUNT),
    mark: needed(NOT_MARK),
    at: needed(NOT_NUMBER),
    events: needed(NOT_LIST, [[], [1], [{}], [{ type: 1 }]], [[{ type: 'A' }, { type: 'B' }, { type: 'C' }]]),
  },
  accepted: { id: needed(NOT_TEXT), result: needed(NOT_RECORD) },
  refused: {
    id: maybe(NOT_TEXT),
    session: maybe(NOT_TEXT),
    code: needed(NOT_TEXT),
    message: needed(NOT_TEXT),
    retryMs: maybe(NOT_COUNT),
  },
  detached: { id: maybe(NOT_TEXT), session: needed(NOT_TEXT), reason: needed(NOT_TEXT) },
  directory: { sessions: needed(NOT_LIST, [['x']]), gone: maybe(NOT_LIST, [[1]]), more: maybe(NOT_BOOLEAN) },
  ping: { n: needed(NOT_COUNT), sent: needed(NOT_RECORD, [{ ses_1: -1 }, { ses_1: '1' }]) },
  pong: { n: needed(NOT_COUNT) },
  bye: { reason: needed(NOT_TEXT), retryMs: needed(NOT_COUNT) },
  closed: { code: needed(NOT_COUNT), reason: needed(NOT_TEXT) },
}

/** What stands inside a frame: where, whole, and what is promised of its fields. */
export interface Nested<T> {
  readonly path: string
  readonly whole: T
  readonly fields: FieldTable<T>
  /** The frame around it. */
  readonly inFrame: (value: unknown) => object
}

const attaching = (snapshot: object) => ({ ...SERVER_FRAMES.attached, snapshot: { ...SNAPSHOT, ...snapshot } })

export const NESTED = {
  limits: {
    path: 'welcome.limits',
    whole: LIMITS,
    fields: {
      frameBytes: needed(NOT_COUNT),
      messageBytes: needed(NOT_COUNT),
      queueBytes: needed(NOT_COUNT),
      commandsPerMinute: needed(NOT_COUNT),
      sessionsPerLink: needed(NOT_COUNT),
    },
    inFrame: (limits) => ({ ...SERVER_FRAMES.welcome, limits }),
  } satisfies Nested<Limits>,
  snapshot: {
    path: 'attached.snapshot',
    whole: SNAPSHOT,
    fields: {
      cursor: needed(NOT_TEXT, ['', 'AbCdEfGhIj', 'AbCdEfGhIj.', 'AbCdEfGhIj.-1']),
      more: needed(NOT_BOOLEAN),
      transcript: needed(NOT_RECORD),
    },
    inFrame: (snapshot) => ({ ...SERVER_FRAMES.attached, snapshot }),
  } satisfies Nested<Snapshot>,
  transcript: {
    path: 'attached.snapshot.transcript',
    whole: TRANSCRIPT,
    fields: {
      messages: needed(NOT_LIST),
      runs: needed(NOT_LIST),
      queue: needed(NOT_LIST),
      interrupts: needed(NOT_LIST),
      agentState: maybe(NOTHING),
      custom: needed(NOT_RECORD),
    },
    inFrame: (transcript) => attaching({ transcript }),
  } satisfies Nested<Transcript>,
  entry: {
    path: 'directory.sessions.0',
    whole: ENTRY,
    fields: {
      id: needed(NOT_TEXT),
      key: maybe(NOT_TEXT),
      title: maybe(NOT_TEXT),
      agent: maybe(NOT_TEXT),
      status: needed(NOT_TEXT),
      last: maybe(NOT_RECORD),
      open: needed(NOT_BOOLEAN),
      position: needed(NOT_NUMBER),
      settings: maybe(NOTHING),
      createdAt: needed(NOT_NUMBER),
      updatedAt: needed(NOT_NUMBER),
    },
    inFrame: (entry) => ({ type: 'directory', sessions: [entry] }),
  } satisfies Nested<SessionEntry>,
  last: {
    path: 'directory.sessions.0.last',
    whole: ENTRY.last,
    fields: { run: needed(NOT_TEXT), outcome: needed(NOT_TEXT), code: maybe(NOT_TEXT) },
    inFrame: (last) => ({ type: 'directory', sessions: [{ ...ENTRY, last }] }),
  } satisfies Nested<LastRun>,
}

/** Places of a snapshot where something is that has no name there, or is not of its kind: where, and the transcript. */
export const DAMAGED_TRANSCRIPTS: readonly (readonly [path: string, damage: Partial<Record<keyof Transcript, unknown>>])[] = [
  ['messages.0', { messages: ['x'] }],
  ['messages.0.id', { messages: [{ role: 'user', parts: [] }] }],
  ['messages.0.role', { messages: [{ id: 'm', parts: [] }] }],
  ['messages.0.parts', { messages: [{ id: 'm', role: 'user' }] }],
  ['messages.1.parts.0.type', { messages: [TRANSCRIPT.messages[0], { id: 'm', role: 'user', parts: [{ text: 'x' }] }] }],
  ['runs.0.id', { runs: [{ state: { status: 'running' }, messages: 0 }] }],
  ['runs.0.state', { runs: [{ id: 'r', messages: 0 }] }],
  ['runs.0.state.status', { runs: [{ id: 'r', state: {}, messages: 0 }] }],
  ['runs.0.messages', { runs: [{ id: 'r', state: { status: 'running' } }] }],
  ['queue.0.message', { queue: [{ by: 'ann' }] }],
  ['queue.0.message.id', { queue: [{ message: {}, by: 'ann' }] }],
  ['queue.0.by', { queue: [{ message: { id: 'm' } }] }],
  ['interrupts.0.id', { interrupts: [{ run: 'r' }] }],
  ['interrupts.0.run', { interrupts: [{ id: 'i' }] }],
]
