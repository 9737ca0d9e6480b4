import { SessionError, type ConnectionState, type SessionErrorCode } from '@throughline/sdk'
import { describe, expect, test } from 'vitest'
import { CALM_MS, connectionWords, type ConnectionWords, type KnownConnection } from '../../../web/src/connection/connection-words.ts'

const unreachable = new SessionError('unreachable', 'the link was lost')
const waiting: ConnectionState = { status: 'waiting', attempt: 3, at: 12_500, reason: unreachable }

function words(state: ConnectionState, known: Partial<KnownConnection> = {}): ConnectionWords {
  return connectionWords({ state, isOffline: false, awayMs: 0, now: 10_000, ...known })
}

function closed(code: SessionErrorCode): string {
  return words({ status: 'closed', reason: new SessionError(code, 'why') }).text
}

describe('what the page says about its connection', () => {
  test('the first moments of a reconnect are nothing to be alarmed about', () => {
    expect(words(waiting, { awayMs: CALM_MS - 1 }).tone).toBe('calm')
    expect(words({ status: 'connecting', attempt: 2 }).tone).toBe('calm')
  })

  test('a connection that stays away is said to be lost, with the time of the next try', () => {
    expect(words(waiting, { awayMs: CALM_MS })).toMatchObject({
      tone: 'attention',
      text: 'Connection lost',
      next: 'next try in 3 s',
      retry: true,
    })
  })

  test.each(['hidden', 'offline'] as const)('being %s is never alarming, however long it lasts', (reason) => {
    expect(words({ status: 'paused', reason }, { awayMs: 3_600_000 }).tone).toBe('calm')
  })

  test('a device without a network is offline, whatever its link has noticed yet, and what it shows may be old', () => {
    for (const state of [{ status: 'live' }, waiting, { status: 'connecting', attempt: 2 }] as const)
      expect(words(state, { isOffline: true, awayMs: 60_000 })).toMatchObject({ tone: 'calm', text: 'Offline', away: true })
    expect(words({ status: 'live' })).toMatchObject({ tone: 'good', text: 'Live', away: false })
  })

  test('an end for good says what to do', () => {
    expect(closed('unauthorized')).toBe('Signed out')
    expect(closed('version')).toBe('Reload needed')
    expect(words({ status: 'closed', reason: new SessionError('protocol', 'why') }).detail).toBe('why')
  })
})
