import type { ClientFrame, RunOptions, ToolMessage, UserMessage } from '../../src/protocol/index.ts'
import { maybe, needed, NOT_BOOLEAN, NOT_COUNT, NOT_ID, NOT_LIST, NOT_RECORD, NOT_TEXT, NOTHING, type FieldTable } from './field-table.ts'

type FrameOf<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>

const NOT_SESSION = [...NOT_TEXT, '', 's'.repeat(129)]

/** Every client frame with every field that it may have. */
export const CLIENT_FRAMES: { readonly [T in ClientFrame['type']]: Required<FrameOf<T>> } = {
  hello: { type: 'hello', token: 'secret', client: { name: 'app', version: '1.2' }, hold: false },
  attach: { type: 'attach', id: 'a1', session: 'ses_1', cursor: 'AbCdEfGhIj.7', exclusive: 'x1' },
  detach: { type: 'detach', session: 'ses_1' },
  send: {
    type: 'send',
    id: 'm1',
    session: 'ses_1',
    message: { id: 'm1', role: 'user', content: 'Hello' },
    whenBusy: 'refuse',
    input: { tools: [{ name: 'look', description: 'Looks.' }], context: [], state: null, forwardedProps: [1] },
    replaces: 'm0',
  },
  answer: { type: 'answer', id: 'c1', session: 'ses_1', interrupt: 'i1', status: 'resolved', payload: { yes: true } },
  stop: { type: 'stop', id: 'c1', session: 'ses_1', run: 'run_1', message: 'm1', queue: true },
  unqueue: { type: 'unqueue', id: 'c1', session: 'ses_1', message: 'm1' },
  watch: { type: 'watch' },
  token: { type: 'token', id: 'c1', token: 'secret' },
  ping: { type: 'ping', n: 1 },
  pong: { type: 'pong', n: 1 },
}

/** What the protocol promises of every field of every client frame. */
export const CLIENT_FIELDS: { readonly [T in ClientFrame['type']]: FieldTable<Omit<FrameOf<T>, 'type'>> } = {
  hello: { token: maybe(NOT_TEXT), client: needed(NOT_RECORD), hold: maybe(NOT_BOOLEAN) },
  attach: { id: needed(NOT_ID), session: needed(NOT_SESSION), cursor: maybe(NOT_TEXT), exclusive: maybe(NOT_ID) },
  detach: { session: needed(NOT_SESSION) },
  send: {
    id: needed(NOT_ID),
    session: needed(NOT_SESSION),
    message: maybe(NOT_RECORD),
    whenBusy: maybe(NOT_TEXT, ['later']),
    input: maybe(NOT_RECORD),
    replaces: maybe(NOT_TEXT),
  },
  answer: {
    id: needed(NOT_ID),
    session: needed(NOT_SESSION),
    interrupt: needed(NOT_TEXT),
    status: needed(NOT_TEXT, ['open']),
    payload: maybe(NOTHING),
  },
  stop: {
    id: needed(NOT_ID),
    session: needed(NOT_SESSION),
    run: maybe(NOT_TEXT),
    message: maybe(NOT_TEXT),
    queue: maybe([false, 'true', 1, null]),
  },
  unqueue: { id: needed(NOT_ID), session: needed(NOT_SESSION), message: needed(NOT_TEXT) },
  watch: {},
  token: { id: needed(NOT_ID), token: needed(NOT_TEXT) },
  ping: { n: needed(NOT_COUNT) },
  pong: { n: needed(NOT_COUNT) },
}

/** What stands inside a frame: where, whole, and what is promised of its fields. */
export interface Nested<T> {
  readonly path: string
  readonly whole: Required<T>
  readonly fields: FieldTable<T>
  /** The frame around it. */
  readonly inFrame: (value: unknown) => object
}

function sending(message: unknown): object {
  return { type: 'send', id: 'm1', session: 'ses_1', message }
}

const { send: whole } = CLIENT_FRAMES

const SAID = {
  id: needed(NOT_ID),
  name: maybe(NOT_TEXT),
  encryptedValue: maybe(NOT_TEXT),
  subagentRunId: maybe(NOT_TEXT),
  metadata: maybe(NOT_RECORD),
  content: needed([1, true, null, {}], [['x'], [{}], [{ type: 'poem', text: 'x' }]]),
} as const

const said = { id: 'm1', name: 'Ann', encryptedValue: 'x', subagentRunId: 's', metadata: { a: 1 }, content: 'Hello' } as const

export const NESTED = {
  client: {
    path: 'hello.client',
    whole: CLIENT_FRAMES.hello.client,
    fields: { name: needed(NOT_TEXT), version: needed(NOT_TEXT) },
    inFrame: (client) => ({ type: 'hello', client }),
  } satisfies Nested<FrameOf<'hello'>['client']>,
  userMessage: {
    path: 'send.message',
    whole: { ...said, role: 'user' },
    fields: { ...SAID, role: needed(NOT_TEXT, ['assistant', 'system']) },
    inFrame: sending,
  } satisfies Nested<UserMessage>,
  toolMessage: {
    path: 'send.message',
    whole: { ...said, role: 'tool', toolCallId: 't1', error: 'none' },
    fields: { ...SAID, role: needed(['assistant', 'system']), toolCallId: needed(NOT_TEXT), error: maybe(NOT_TEXT) },
    inFrame: sending,
  } satisfies Nested<ToolMessage>,
  input: {
    path: 'send.input',
    whole: whole.input as Required<RunOptions>,
    fields: { tools: maybe(NOT_LIST), context: maybe(NOT_LIST), state: maybe(NOTHING), forwardedProps: maybe(NOTHING) },
    inFrame: (input) => ({ ...sending(whole.message), input }),
  } satisfies Nested<RunOptions>,
  tool: {
    path: 'send.input.tools.0',
    whole: { name: 'look', description: 'Looks.', parameters: { type: 'object' }, metadata: {} },
    fields: { name: needed(NOT_TEXT), description: needed(NOT_TEXT), parameters: maybe(NOTHING), metadata: maybe(NOT_RECORD) },
    inFrame: (tool) => ({ ...sending(whole.message), input: { tools: [tool] } }),
  } satisfies Nested<NonNullable<RunOptions['tools']>[number]>,
  context: {
    path: 'send.input.context.0',
    whole: { description: 'Where', value: 'Rome' },
    fields: { description: needed(NOT_TEXT), value: needed(NOT_TEXT) },
    inFrame: (context) => ({ ...sending(whole.message), input: { context: [context] } }),
  } satisfies Nested<NonNullable<RunOptions['context']>[number]>,
}
