import { EventSchema } from '@ag-ui/core/schemas'
import { describe, expect, test } from 'vitest'
import {
  decodeServerFrame,
  EMPTY_TRANSCRIPT,
  EVENT_TYPES,
  isOwnEvent,
  type ActivityPart,
  type BatchFrame,
  type DataPart,
  type EventOf,
  type FilePart,
  type Interrupt,
  type LastRun,
  type OpenInterrupt,
  type OwnEvent,
  type OwnEvents,
  type QueuedMessage,
  type ReasoningPart,
  type Run,
  type RunState,
  type SessionEntry,
  type SessionEvent,
  type Snapshot,
  type Subagent,
  type TextPart,
  type ToolPart,
  type ToolResult,
  type Transcript,
  type TranscriptMessage,
} from '../../src/protocol/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'
import { codes, golden, list, table } from './page.ts'

/** The fields of a type, each with whether it must be there: what the compiler knows. */
type Fields<T> = { readonly [K in keyof T]-?: {} extends Pick<T, K> ? 'no' : 'yes' }

const LOG: readonly BatchFrame[] = golden('log').flatMap(({ text }) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BatchFrame),
)
const [EXAMPLE] = golden('transcript').map(({ text }) => JSON.parse(text) as Transcript)

describe('the example', () => {
  test('is the fold of the log that stands beside it', () => {
    const transcript = LOG.reduce((before, { events }) => applyEvents(before, events), EMPTY_TRANSCRIPT)
    expect(EXAMPLE).toEqual(JSON.parse(JSON.stringify(transcript)))
  })

  test('is a transcript that a snapshot may hold', () => {
    const snapshot = { cursor: 'AbCdEfGhIj.1', more: false, transcript: EXAMPLE }
    const frame = { type: 'attached', id: 'a', session: 's', head: 1, resumed: false, reason: 'no_cursor', snapshot }
    expect(decodeServerFrame(JSON.stringify(frame))).toMatchObject({ kind: 'frame' })
  })

  test('has a log of batches that follow each other', () => {
    let seq = 0
    for (const batch of LOG) {
      expect(decodeServerFrame(JSON.stringify(batch)).kind).toBe('frame')
      expect([batch.from, batch.to]).toEqual([seq + 1, seq + batch.events.length])
      seq = batch.to
    }
  })

  test('has events that AG-UI takes for its own', () => {
    for (const event of LOG.flatMap(({ events }) => events)) expect(EventSchema.safeParse(event)).toMatchObject({ success: true })
  })

  test('has a timestamp on every event but deltas', () => {
    const isDelta = ({ type }: SessionEvent) => type.endsWith('_CONTENT') || type === 'TOOL_CALL_ARGS'
    for (const event of LOG.flatMap(({ events }) => events)) expect('timestamp' in event).toBe(!isDelta(event))
  })

  test('has every run end once, and begin only then', () => {
    const log = LOG.flatMap(({ events }) => events).map(({ type }) => type)
    const bounds = log.filter((type) => type === 'RUN_STARTED' || type === 'RUN_FINISHED' || type === 'RUN_ERROR')
    expect(bounds).toEqual(['RUN_STARTED', 'RUN_FINISHED', 'RUN_STARTED', 'RUN_FINISHED', 'RUN_STARTED', 'RUN_FINISHED'])
  })
})

test('the examples of our own events are events that AG-UI takes', () => {
  for (const { text } of golden('event')) expect(EventSchema.safeParse(JSON.parse(text))).toMatchObject({ success: true })
})

const TYPES: {
  readonly Snapshot: Fields<Snapshot>
  readonly Transcript: Fields<Transcript>
  readonly TranscriptMessage: Fields<TranscriptMessage>
  readonly TextPart: Fields<TextPart>
  readonly ReasoningPart: Fields<ReasoningPart>
  readonly ToolPart: Fields<ToolPart>
  readonly ToolResult: Fields<ToolResult>
  readonly ActivityPart: Fields<ActivityPart>
  readonly FilePart: Fields<FilePart>
  readonly DataPart: Fields<DataPart>
  readonly Run: Fields<Run>
  readonly Subagent: Fields<Subagent>
  readonly QueuedMessage: Fields<QueuedMessage>
  readonly OpenInterrupt: Fields<Omit<OpenInterrupt, keyof Interrupt>>
  readonly SessionEntry: Fields<SessionEntry>
  readonly LastRun: Fields<LastRun>
} = {
  Snapshot: { cursor: 'yes', more: 'yes', transcript: 'yes' },
  Transcript: { messages: 'yes', runs: 'yes', queue: 'yes', interrupts: 'yes', agentState: 'no', custom: 'yes' },
  TranscriptMessage: {
    id: 'yes',
    role: 'yes',
    run: 'no',
    parts: 'yes',
    at: 'no',
    by: 'no',
    name: 'no',
    subagent: 'no',
    encryptedValue: 'no',
    metadata: 'no',
    cut: 'no',
    omitted: 'no',
  },
  TextPart: {
    type: 'yes',
    id: 'yes',
    text: 'yes',
    open: 'no',
    at: 'no',
    endedAt: 'no',
    subagent: 'no',
    name: 'no',
    encryptedValue: 'no',
    metadata: 'no',
  },
  ReasoningPart: {
    type: 'yes',
    id: 'yes',
    text: 'yes',
    open: 'no',
    at: 'no',
    endedAt: 'no',
    subagent: 'no',
    encryptedValue: 'no',
    metadata: 'no',
  },
  ToolPart: {
    type: 'yes',
    id: 'yes',
    name: 'yes',
    args: 'yes',
    status: 'yes',
    parent: 'no',
    result: 'no',
    truncated: 'no',
    at: 'no',
    endedAt: 'no',
    subagent: 'no',
    encryptedValue: 'no',
    metadata: 'no',
  },
  ToolResult: { id: 'yes', content: 'yes', truncated: 'no', error: 'no', subagent: 'no', encryptedValue: 'no', metadata: 'no' },
  ActivityPart: { type: 'yes', id: 'yes', activityType: 'yes', content: 'yes', at: 'no', subagent: 'no', metadata: 'no' },
  FilePart: { type: 'yes', media: 'yes', source: 'yes', id: 'no', metadata: 'no' },
  DataPart: { type: 'yes', id: 'yes', name: 'yes', value: 'yes', at: 'no', subagent: 'no' },
  Run: {
    id: 'yes',
    state: 'yes',
    messages: 'yes',
    at: 'no',
    by: 'no',
    resumes: 'no',
    usage: 'no',
    steps: 'no',
    subagents: 'no',
  },
  Subagent: {
    id: 'yes',
    name: 'yes',
    status: 'yes',
    description: 'no',
    parent: 'no',
    toolCallId: 'no',
    message: 'no',
    result: 'no',
  },
  QueuedMessage: { message: 'yes', input: 'no', by: 'yes', at: 'no' },
  OpenInterrupt: { run: 'yes', answer: 'no' },
  SessionEntry: {
    id: 'yes',
    key: 'no',
    title: 'no',
    agent: 'no',
    status: 'yes',
    last: 'no',
    open: 'yes',
    position: 'yes',
    settings: 'no',
    createdAt: 'yes',
    updatedAt: 'yes',
  },
  LastRun: { run: 'yes', outcome: 'yes', code: 'no' },
}

const OWN: {
  readonly [Name in Exclude<keyof OwnEvents, 'throughline/answered'>]: Fields<OwnEvents[Name]>
} & {
  readonly 'throughline/answered interrupt': Fields<Extract<OwnEvents['throughline/answered'], { interrupt: string }>>
  readonly 'throughline/answered tool': Fields<Extract<OwnEvents['throughline/answered'], { toolCallId: string }>>
} = {
  'throughline/queued': { message: 'yes', input: 'no', by: 'yes', first: 'no' },
  'throughline/unqueued': { message: 'yes' },
  'throughline/stopping': { run: 'yes', by: 'yes' },
  'throughline/answered interrupt': { interrupt: 'yes', status: 'yes', payload: 'no', by: 'yes' },
  'throughline/answered tool': { toolCallId: 'yes', message: 'yes', by: 'yes' },
  'throughline/rewound': { from: 'yes' },
}

test.each([...Object.entries(TYPES), ...Object.entries(OWN)])(
  'the table of %s has its fields, and says which must be there',
  (name, fields) => {
    const said = Object.fromEntries(table(`fields ${name}`).map(([field = '', , required]) => [codes(field)[0], required]))
    expect(said).toEqual(fields)
  },
)

test('the states of a run have their fields', () => {
  const STATES: { readonly [State in RunState as State['status']]: Fields<Omit<State, 'status'>> } = {
    running: {},
    stopping: { stoppedBy: 'yes' },
    success: { endedAt: 'no', result: 'no', pendingToolCallIds: 'no' },
    interrupt: { endedAt: 'no' },
    cancelled: { endedAt: 'no' },
    error: { endedAt: 'no', code: 'no', message: 'yes' },
  }
  expect(Object.fromEntries(table('run states').map(([status = '', fields = '']) => [codes(status)[0], presence(fields)]))).toEqual(STATES)
})

/** What every event may have. */
type Base = 'type' | 'timestamp' | 'rawEvent' | 'metadata'
type Attributed<E> = E extends { subagentRunId: string } ? never : 'subagentRunId'
type InJournal = Exclude<SessionEvent['type'], 'TEXT_MESSAGE_CHUNK' | 'REASONING_MESSAGE_CHUNK' | 'TOOL_CALL_CHUNK'>

const EVENTS: { readonly [T in InJournal]: Fields<Omit<EventOf<T>, Base | Attributed<EventOf<T>>>> } = {
  RUN_STARTED: { threadId: 'yes', runId: 'yes', protocolVersion: 'no', parentRunId: 'no', input: 'no' },
  RUN_FINISHED: { threadId: 'yes', runId: 'yes', outcome: 'no', result: 'no', usage: 'no' },
  RUN_ERROR: { message: 'yes', code: 'no', usage: 'no' },
  STEP_STARTED: { stepName: 'yes' },
  STEP_FINISHED: { stepName: 'yes' },
  TEXT_MESSAGE_START: { messageId: 'yes', role: 'no', name: 'no' },
  TEXT_MESSAGE_CONTENT: { messageId: 'yes', delta: 'yes' },
  TEXT_MESSAGE_END: { messageId: 'yes' },
  REASONING_START: { messageId: 'yes' },
  REASONING_MESSAGE_START: { messageId: 'yes', role: 'yes' },
  REASONING_MESSAGE_CONTENT: { messageId: 'yes', delta: 'yes' },
  REASONING_MESSAGE_END: { messageId: 'yes' },
  REASONING_END: { messageId: 'yes' },
  REASONING_ENCRYPTED_VALUE: { subtype: 'yes', entityId: 'yes', encryptedValue: 'yes' },
  TOOL_CALL_START: { toolCallId: 'yes', toolCallName: 'yes', parentMessageId: 'no' },
  TOOL_CALL_ARGS: { toolCallId: 'yes', delta: 'yes' },
  TOOL_CALL_END: { toolCallId: 'yes' },
  TOOL_CALL_RESULT: { messageId: 'yes', toolCallId: 'yes', content: 'yes', role: 'no' },
  STATE_SNAPSHOT: { snapshot: 'yes' },
  STATE_DELTA: { delta: 'yes' },
  MESSAGES_SNAPSHOT: { messages: 'yes' },
  ACTIVITY_SNAPSHOT: { messageId: 'yes', activityType: 'yes', content: 'yes', replace: 'no' },
  ACTIVITY_DELTA: { messageId: 'yes', activityType: 'yes', patch: 'yes' },
  SUBAGENT_STARTED: {
    subagentRunId: 'yes',
    name: 'yes',
    description: 'no',
    parentSubagentRunId: 'no',
    parentToolCallId: 'no',
    parentMessageId: 'no',
  },
  SUBAGENT_FINISHED: { subagentRunId: 'yes', outcome: 'no', result: 'no' },
  SUBAGENT_ERROR: { subagentRunId: 'yes', message: 'yes', code: 'no' },
  CUSTOM: { name: 'yes', value: 'yes' },
  RAW: { event: 'yes', source: 'no' },
}

test('every event type has its fields, those of a journal as AG-UI has them', () => {
  const said = new Map(table('event fields').map(([type = '', fields = '']) => [codes(type)[0] ?? '', fields]))
  expect(new Set(said.keys())).toEqual(new Set(EVENT_TYPES))
  for (const [type, fields] of Object.entries(EVENTS)) expect([type, presence(said.get(type) ?? '')]).toEqual([type, fields])
})

test('the fold says what becomes of every event type, and of every event of our own', () => {
  const names: { readonly [Name in OwnEvent['name']]: true } = {
    'throughline/queued': true,
    'throughline/unqueued': true,
    'throughline/stopping': true,
    'throughline/answered': true,
    'throughline/rewound': true,
  }
  expect(
    list('fold')
      .flatMap(([types]) => types)
      .toSorted(),
  ).toEqual([...EVENT_TYPES].toSorted())
  expect(list('own fold').flatMap(([own]) => own)).toEqual(Object.keys(names))
})

test('what the page calls ours begins with throughline/', () => {
  for (const { text } of golden('event')) expect(isOwnEvent(JSON.parse(text) as SessionEvent)).toBe(true)
})

/** Which fields a cell names, and which of them may be absent; what it says of them stands in brackets. */
function presence(cell: string): Record<string, string> {
  const names = codes(cell.replaceAll(/\([^()]*(\([^()]*\)[^()]*)*\)/g, ''))
  return Object.fromEntries(names.map((name) => (name.endsWith('?') ? [name.slice(0, -1), 'no'] : [name, 'yes'])))
}
