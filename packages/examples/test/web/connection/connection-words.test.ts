import { SessionError, type ConnectionState, type SessionErrorCode } from '@throughline/sdk'
import { describe, expect, test } from 'vitest'
import { CALM_MS, connectionWords } from '../../../web/src/connection/connection-words.ts'

const unreachable = new SessionError('unreachable', 'the link was lost')
const waiting: ConnectionState = { status: 'waiting', attempt: 3, at: 12_500, reason: unreachable }

function closed(code: SessionErrorCode): string {
  return connectionWords({ status: 'closed', reason: new SessionError(code, 'why') }, 0, 0).text
}

describe('what the page says about its connection', () => {
  test('the first moments of a reconnect are nothing to be alarmed about', () => {
    expect(connectionWords(waiting, CALM_MS - 1, 10_000).tone).toBe('calm')
    expect(connectionWords({ status: 'connecting', attempt: 2 }, 0, 10_000).tone).toBe('calm')
  })

  test('a connection that stays away is said to be lost, with the time of the next try', () => {
    expect(connectionWords(waiting, CALM_MS, 10_000)).toMatchObject({
      tone: 'attention',
      text: 'Connection lost · next try in 3 s',
      retry: true,
    })
  })

  test.each(['hidden', 'offline'] as const)('being %s is never alarming, however long it lasts', (reason) => {
    expect(connectionWords({ status: 'paused', reason }, 3_600_000, 0).tone).toBe('calm')
  })

  test('an end for good says what to do', () => {
    expect(closed('unauthorized')).toBe('Signed out')
    expect(closed('version')).toBe('Reload needed')
    expect(connectionWords({ status: 'closed', reason: new SessionError('protocol', 'why') }, 0, 0).detail).toBe('why')
  })
})
