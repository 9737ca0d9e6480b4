import * as fc from 'fast-check'
import type { ClientFrame, ServerFrame } from '../../src/protocol/index.ts'

const clientId = fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/)
const session = fc.string({ minLength: 1, maxLength: 128 })
const text = fc.string({ unit: 'binary' })
const seq = fc.nat()
const at = fc.integer({ min: 0 })
const json = fc.jsonValue()
const anyRecord = fc.dictionary(text, json)
const mark = fc.stringMatching(/^[A-Za-z0-9_-]{10}$/)
const cursor = fc.tuple(mark, seq).map(([one, n]) => `${one}.${n}`)

const source = fc.oneof(
  fc.record({ type: fc.constant('data'), value: text, mimeType: text }),
  fc.record({ type: fc.constantFrom('url', 'file'), value: text, mimeType: text, provider: text }, { requiredKeys: ['type', 'value'] }),
)
const contentPart = fc.oneof(
  fc.record({ type: fc.constant('text'), text, id: text, metadata: json }, { requiredKeys: ['type', 'text'] }),
  fc.record(
    { type: fc.constantFrom('image', 'audio', 'video', 'document'), source, id: text, metadata: json },
    { requiredKeys: ['type', 'source'] },
  ),
)
const content = fc.oneof(text, fc.array(contentPart))
const said = { content, name: text, encryptedValue: text, subagentRunId: text, metadata: anyRecord }

/** The message of a send, without its id. */
const message = fc.oneof(
  fc.record({ role: fc.constant('user'), ...said }, { requiredKeys: ['role', 'content'] }),
  fc.record({ role: fc.constant('tool'), toolCallId: text, error: text, ...said }, { requiredKeys: ['role', 'content', 'toolCallId'] }),
)

const input = fc.record(
  {
    tools: fc.array(fc.record({ name: text, description: text, parameters: json }, { requiredKeys: ['name', 'description'] })),
    context: fc.array(fc.record({ description: text, value: text })),
    state: json,
    forwardedProps: json,
  },
  { requiredKeys: [] },
)

const send = fc
  .tuple(
    fc.record(
      { type: fc.constant('send'), id: clientId, session, whenBusy: fc.constantFrom('queue', 'refuse', 'interrupt'), input },
      { requiredKeys: ['type', 'id', 'session'] },
    ),
    fc.oneof(
      message.map((one) => ({ message: one })),
      text.map((replaces) => ({ replaces })),
    ),
  )
  .map(([head, rest]) => ('message' in rest ? { ...head, message: { ...rest.message, id: head.id } } : { ...head, ...rest }))

function frame<Fields extends object>(
  type: string,
  fields: { [K in keyof Fields]: fc.Arbitrary<Fields[K]> },
  ...optional: (keyof Fields)[]
) {
  const required = (Object.keys(fields) as (keyof Fields)[]).filter((name) => !optional.includes(name))
  return fc.record({ type: fc.constant(type), ...fields }, { requiredKeys: ['type', ...required] as never }) as fc.Arbitrary<{
    type: string
  }>
}

/** Any valid client frame, by type. */
export const ANY_CLIENT_FRAME: Readonly<Record<ClientFrame['type'], fc.Arbitrary<object>>> = {
  hello: frame('hello', { token: text, client: fc.record({ name: text, version: text }), hold: fc.boolean() }, 'token', 'hold'),
  attach: frame('attach', { id: clientId, session, cursor: fc.oneof(cursor, text), exclusive: clientId }, 'cursor', 'exclusive'),
  detach: frame('detach', { session }),
  send,
  answer: frame(
    'answer',
    { id: clientId, session, interrupt: text, status: fc.constantFrom('resolved', 'cancelled'), payload: json },
    'payload',
  ),
  stop: frame('stop', { id: clientId, session, run: text, message: text, queue: fc.constant(true) }, 'message', 'queue'),
  unqueue: frame('unqueue', { id: clientId, session, message: text }),
  watch: frame('watch', {}),
  token: frame('token', { id: clientId, token: text }),
  ping: frame('ping', { n: seq }),
  pong: frame('pong', { n: seq }),
}

const limit = fc.nat()
const limits = fc.record({
  frameBytes: limit,
  messageBytes: limit,
  queueBytes: limit,
  commandsPerMinute: limit,
  sessionsPerLink: limit,
  later: json,
})

const transcript = fc.record(
  {
    messages: fc.array(fc.record({ id: text, role: text, parts: fc.array(fc.record({ type: text, text })) })),
    runs: fc.array(fc.record({ id: text, state: fc.record({ status: text }), messages: seq })),
    queue: fc.array(fc.record({ message: fc.record({ id: text, role: fc.constant('user'), content }), by: text })),
    interrupts: fc.array(fc.record({ id: text, reason: text, run: text })),
    agentState: json,
    custom: anyRecord,
  },
  { requiredKeys: ['messages', 'runs', 'queue', 'interrupts', 'custom'] },
)

const entry = fc.record(
  {
    id: text,
    status: text,
    open: fc.boolean(),
    position: fc.double({ noNaN: true, noDefaultInfinity: true }),
    createdAt: at,
    updatedAt: at,
    title: text,
    settings: json,
    last: fc.record({ run: text, outcome: text }),
  },
  { requiredKeys: ['id', 'status', 'open', 'position', 'createdAt', 'updatedAt'] },
)

const batch = fc
  .tuple(
    fc.integer({ min: 1, max: 1e9 }),
    fc.array(fc.dictionary(text, json), { minLength: 1, maxLength: 5 }),
    fc.nat({ max: 50 }),
    text,
    mark,
    at,
  )
  .map(([from, fields, merged, name, one, when]) => ({
    type: 'batch',
    session: name,
    from,
    to: from + fields.length - 1 + merged,
    mark: one,
    at: when,
    events: fields.map((event) => ({ ...event, type: name })),
  }))

/** Any valid server frame, by type. */
export const ANY_SERVER_FRAME: Readonly<Record<ServerFrame['type'], fc.Arbitrary<object>>> = {
  welcome: frame('welcome', { node: text, principal: text, expiresAt: at, pingMs: seq, limits, durability: text }, 'expiresAt'),
  attached: fc.oneof(
    frame('attached', { id: text, session: text, head: seq, resumed: fc.constant(true) }),
    frame('attached', {
      id: text,
      session: text,
      head: seq,
      resumed: fc.constant(false),
      reason: text,
      snapshot: fc.record({ cursor, more: fc.boolean(), transcript }),
    }),
  ),
  batch,
  accepted: frame('accepted', { id: text, result: anyRecord }),
  refused: frame('refused', { id: text, session: text, code: text, message: text, retryMs: seq }, 'id', 'session', 'retryMs'),
  detached: frame('detached', { id: text, session: text, reason: text }, 'id'),
  directory: frame('directory', { sessions: fc.array(entry), gone: fc.array(text), more: fc.boolean() }, 'gone', 'more'),
  ping: frame('ping', { n: seq, sent: fc.dictionary(text, seq) }),
  pong: frame('pong', { n: seq }),
  bye: frame('bye', { reason: text, retryMs: seq }),
  closed: frame('closed', { code: seq, reason: text }),
}
