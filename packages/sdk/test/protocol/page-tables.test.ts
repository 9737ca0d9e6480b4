import { describe, expect, test } from 'vitest'
import {
  AG_UI_VERSION,
  CLOSE_CODES,
  CUSTOM_BYTES,
  CUSTOM_NAMES,
  EMPTY_TRANSCRIPT,
  FRAME_DEPTH,
  HELLO_TIMEOUT_MS,
  isFinalClose,
  LIMITS,
  PARTS_PER_MESSAGE,
  PING_GRACE_MS,
  PING_MS,
  REFUSALS,
  SUBPROTOCOL,
  TOKEN_CHARS,
  type CloseReason,
  type CommandFrame,
  type DetachReason,
  type Durability,
  type LastRun,
  type Limits,
  type ResetReason,
  type SessionStatus,
  type Subagent,
  type ToolStatus,
  type TranscriptMessage,
  type WhenBusy,
} from '../../src/protocol/index.ts'
import { codes, PAGE, table } from './page.ts'

/** The words of a union, complete by type. */
type Words<Union extends string> = Readonly<Record<Union, true>>

const RESET_REASONS: Words<ResetReason> = {
  no_cursor: true,
  backlog_too_large: true,
  cursor_too_old: true,
  cursor_ahead: true,
  mark_mismatch: true,
  cursor_invalid: true,
}

const COMMANDS: Words<CommandFrame['type']> = { send: true, answer: true, stop: true, unqueue: true }

test('every reason of a reset is an answer to an attach', () => {
  const said = table('reasons').flatMap(([, , reason = '']) => codes(reason))
  expect(said.toSorted()).toEqual(Object.keys(RESET_REASONS).toSorted())
})

test('every close code is there, with its reason, and who comes back', () => {
  const said = table('closes').map(([code, reason = '', , comesBack]) => [Number(code), ...codes(reason), comesBack])
  expect(said).toEqual(Object.entries(CLOSE_CODES).map(([reason, code]) => [code, reason, isFinalClose(code) ? 'no' : 'yes']))
})

test('every refusal is there, with its HTTP status', () => {
  const said = table('refusals').map(([code = '', status]) => [...codes(code), Number(status)])
  expect(Object.fromEntries(said)).toEqual(REFUSALS)
})

test('every command has its results', () => {
  expect(new Set(table('results').flatMap(([command = '']) => codes(command)))).toEqual(new Set(Object.keys(COMMANDS)))
})

describe('numbers', () => {
  const limits = new Map(table('limits').map(([name = '', value = '']) => [name.replaceAll('`', ''), value]))
  const UNITS: { readonly [Name in keyof Limits]: number } = {
    frameBytes: 1024,
    messageBytes: 1024,
    queueBytes: 1024,
    commandsPerMinute: 1,
    sessionsPerLink: 1,
  }

  test.each(Object.entries(UNITS))('the limit %s is that of the code', (name, unit) => {
    const value = LIMITS[name as keyof Limits] / unit
    expect(limits.get(name)).toBe(unit === 1 ? `${value}` : `${value} KiB`)
  })

  test('so is the depth of frames', () => {
    expect(limits.get('nesting')).toBe(`${FRAME_DEPTH} levels`)
    expect(PAGE).toContain(`may be nested ${FRAME_DEPTH} levels deep`)
  })

  test('so is the length of a token', () => {
    expect(limits.get('token')).toBe(`${TOKEN_CHARS.toLocaleString('en')} characters`)
  })

  test('so are the times of a link', () => {
    const hello = table('closes').find(([, reason]) => reason === `\`${'hello_timeout' satisfies CloseReason}\``)
    expect(hello?.[2]).toBe(`no \`hello\` within ${HELLO_TIMEOUT_MS / 1000} s`)
    expect(PAGE).toContain(`every \`welcome.pingMs\`, ${PING_MS / 1000} s by default`)
    expect(PAGE).toContain(`\`pingMs\` + ${PING_GRACE_MS / 1000} s without a frame;`)
  })

  test('so are those of the transcript', () => {
    expect(PAGE).toContain(`begins after ${PARTS_PER_MESSAGE} parts`)
    expect(PAGE).toContain(`fewer than ${PARTS_PER_MESSAGE} parts`)
    expect(PAGE).toContain(`CUSTOM events by name: at most ${CUSTOM_NAMES}`)
    expect(PAGE).toContain(
      `beyond ${CUSTOM_NAMES} names, or where the JSON of all \`[name, value]\` has more than ${CUSTOM_BYTES / 1024} KiB together,`,
    )
  })
})

test('the names of versions are those of the code', () => {
  expect(PAGE).toContain(`named \`${SUBPROTOCOL}\` on the wire`)
  expect(PAGE).toContain(`\`${AG_UI_VERSION}\` today`)
})

test('the empty transcript is that of the code', () => {
  expect(PAGE).toContain(`\`${JSON.stringify(EMPTY_TRANSCRIPT)}\``)
})

describe('where a field holds one of a few words, the page has them all', () => {
  const cell = (marker: string, field: string) => table(marker).find(([name]) => name === `\`${field}\``)?.[3] ?? ''
  const WHEN_BUSY: Words<WhenBusy> = { queue: true, refuse: true, interrupt: true }
  const DETACH: Words<DetachReason> = { superseded: true, deleted: true, forbidden: true, expired: true, store: true }
  const DURABILITY: Words<Durability> = { memory: true, disk: true, replicated: true }
  const STATUS: Words<SessionStatus> = { idle: true, running: true, waiting: true, stopping: true }
  const OUTCOME: Words<LastRun['outcome']> = { success: true, interrupt: true, cancelled: true, error: true }
  const TOOL: Words<ToolStatus> = { input: true, running: true, done: true, cancelled: true, interrupted: true }
  const ROLE: Words<TranscriptMessage['role']> = { user: true, assistant: true, system: true, developer: true }
  const SUBAGENT: Words<Subagent['status']> = { running: true, success: true, suspended: true, error: true }

  test.each<[string, string, Words<string>]>([
    ['fields client:send', 'whenBusy', WHEN_BUSY],
    ['fields server:detached', 'reason', DETACH],
    ['fields server:welcome', 'durability', DURABILITY],
    ['fields SessionEntry', 'status', STATUS],
    ['fields LastRun', 'outcome', OUTCOME],
    ['fields ToolPart', 'status', TOOL],
    ['fields TranscriptMessage', 'role', ROLE],
    ['fields Subagent', 'status', SUBAGENT],
  ])('%s: %s', (marker, field, words) => {
    expect(codes(cell(marker, field))).toEqual(expect.arrayContaining(Object.keys(words)))
  })
})
