import { describe, expect, test } from 'vitest'
import { transition, type ConnectionEvent, type ConnectionState } from '../../src/connection/transition.ts'
import { SessionError } from '../../src/errors.ts'

type Status = ConnectionState['status']

const lost = new SessionError('unreachable', 'lost')
const over = new SessionError('closed', 'over')

const STATES: { readonly [S in Status]: Extract<ConnectionState, { status: S }> } = {
  idle: { status: 'idle' },
  connecting: { status: 'connecting', attempt: 1 },
  live: { status: 'live' },
  waiting: { status: 'waiting', attempt: 2, at: 5, reason: lost },
  paused: { status: 'paused', reason: 'offline' },
  closed: { status: 'closed', reason: over },
}

const EVENTS: { readonly [T in ConnectionEvent['type']]: Extract<ConnectionEvent, { type: T }> } = {
  dial: { type: 'dial', attempt: 3 },
  welcome: { type: 'welcome' },
  wait: { type: 'wait', attempt: 3, at: 9, reason: lost },
  pause: { type: 'pause', reason: 'hidden' },
  rest: { type: 'rest' },
  close: { type: 'close', reason: over },
  reopen: { type: 'reopen' },
}

// Complete by type: a new state or event does not compile until its row or column is filled.
const TABLE: Readonly<Record<Status, Readonly<Record<ConnectionEvent['type'], Status | 'same'>>>> = {
  idle: { dial: 'connecting', welcome: 'same', wait: 'same', pause: 'paused', rest: 'same', close: 'closed', reopen: 'same' },
  connecting: { dial: 'connecting', welcome: 'live', wait: 'waiting', pause: 'paused', rest: 'idle', close: 'closed', reopen: 'same' },
  live: { dial: 'connecting', welcome: 'same', wait: 'waiting', pause: 'paused', rest: 'idle', close: 'closed', reopen: 'same' },
  waiting: { dial: 'connecting', welcome: 'same', wait: 'waiting', pause: 'paused', rest: 'idle', close: 'closed', reopen: 'same' },
  paused: { dial: 'connecting', welcome: 'same', wait: 'waiting', pause: 'paused', rest: 'idle', close: 'closed', reopen: 'same' },
  closed: { dial: 'same', welcome: 'same', wait: 'same', pause: 'same', rest: 'same', close: 'same', reopen: 'same' },
}

describe('a connection moves as its table says', () => {
  for (const state of Object.values(STATES)) {
    for (const event of Object.values(EVENTS)) {
      const expected = TABLE[state.status][event.type]
      test(`${state.status} + ${event.type} → ${expected}`, () => {
        const next = transition(state, event)
        if (expected === 'same') expect(next).toBe(state)
        else expect(next.status).toBe(expected)
      })
    }
  }
})

test('what the server closed for good can be opened again, unlike what the app closed', () => {
  const closed: ConnectionState = { status: 'closed', reason: new SessionError('unauthorized', 'final') }
  expect(transition(closed, EVENTS.reopen)).toEqual({ status: 'idle' })
  expect(transition(closed, EVENTS.dial)).toBe(closed)
})

test('a state carries what its event says', () => {
  expect(transition(STATES.idle, EVENTS.dial)).toEqual({ status: 'connecting', attempt: 3 })
  expect(transition(STATES.live, EVENTS.wait)).toEqual({ status: 'waiting', attempt: 3, at: 9, reason: lost })
  expect(transition(STATES.live, EVENTS.pause)).toEqual({ status: 'paused', reason: 'hidden' })
  expect(transition(STATES.live, EVENTS.close)).toEqual({ status: 'closed', reason: over })
})

test('what is so already changes nothing', () => {
  expect(transition(STATES.waiting, { ...EVENTS.wait, at: 5 })).toBe(STATES.waiting)
  expect(transition(STATES.paused, { type: 'pause', reason: 'offline' })).toBe(STATES.paused)
})
