import { describe, expect, test } from 'vitest'
import { chooseTransport, WEBSOCKET_FIRST, type TransportChoice, type TransportTrial } from '../../src/connection/choose-transport.ts'

const STREAM: TransportChoice = { transport: 'stream', why: 'unanswered', failed: 0, died: 0, proven: false }
const PROVEN: TransportChoice = { ...STREAM, proven: true }

const TRIALS = {
  unanswered: { outcome: 'ended', code: 1006, livedMs: undefined, progressed: false, replaced: false },
  'died young': { outcome: 'ended', code: 1006, livedMs: 9_999, progressed: false, replaced: false },
  'died young, of use': { outcome: 'ended', code: 1006, livedMs: 100, progressed: true, replaced: false },
  lived: { outcome: 'ended', code: 1006, livedMs: 10_000, progressed: false, replaced: false },
  'closed by the server': { outcome: 'ended', code: 4000, livedMs: undefined, progressed: false, replaced: false },
  'replaced while dialled': { outcome: 'ended', code: 1000, livedMs: undefined, progressed: false, replaced: true },
  'replaced young': { outcome: 'ended', code: 1000, livedMs: 100, progressed: false, replaced: true },
  'not loaded': { outcome: 'not_loaded', code: 1006, livedMs: undefined, progressed: false, replaced: false },
  'works again': { outcome: 'works_again', code: 1006, livedMs: 60_000, progressed: false, replaced: false },
} as const satisfies Record<string, TransportTrial>

/** What is chosen after links that ended like this, one after the other. */
function after(choice: TransportChoice, ...trials: (keyof typeof TRIALS)[]): string {
  const { transport, why } = trials.reduce((one, trial) => chooseTransport(one, TRIALS[trial]), choice)
  return transport === choice.transport && why === choice.why ? 'same' : `${transport}: ${why}`
}

describe('from a WebSocket, after links that', () => {
  const rows: readonly [string, (keyof typeof TRIALS)[], string][] = [
    ['got no welcome, twice', ['unanswered', 'unanswered'], 'same'],
    ['got no welcome, three times in a row', ['unanswered', 'unanswered', 'unanswered'], 'stream: unanswered'],
    ['got no welcome, with one between that did', ['unanswered', 'unanswered', 'lived', 'unanswered'], 'same'],
    ['got no welcome, with a word of the server between', ['unanswered', 'unanswered', 'closed by the server', 'unanswered'], 'same'],
    ['died young, twice', ['died young', 'died young'], 'same'],
    ['died young, three times in a row', ['died young', 'died young', 'died young'], 'stream: died_young'],
    ['died young, but one was of use', ['died young', 'died young', 'died young, of use', 'died young'], 'same'],
    ['died young, but one lived', ['died young', 'died young', 'lived', 'died young'], 'same'],
    ['got no welcome or died young, by turns', ['unanswered', 'died young', 'unanswered', 'died young'], 'same'],
    [
      'were replaced on waking',
      ['replaced while dialled', 'replaced while dialled', 'replaced while dialled', 'replaced young', 'replaced young', 'replaced young'],
      'same',
    ],
    ['the server closed', ['closed by the server', 'closed by the server', 'closed by the server'], 'same'],
  ]
  test.each(rows)('%s', (_, trials, chosen) => {
    expect(after(WEBSOCKET_FIRST, ...trials)).toBe(chosen)
  })
})

describe('from streams, after one that', () => {
  const rows: readonly [string, TransportChoice, (keyof typeof TRIALS)[], string][] = [
    ['got no welcome, the first one', STREAM, ['unanswered'], 'websocket: unanswered'],
    ['got no welcome, twice, where one had', PROVEN, ['unanswered', 'unanswered'], 'same'],
    ['got no welcome, three times, where one had', PROVEN, ['unanswered', 'unanswered', 'unanswered'], 'websocket: unanswered'],
    ['died young, as often as it may be', STREAM, ['died young', 'died young', 'died young', 'died young'], 'same'],
    ['lived', STREAM, ['lived'], 'same'],
    ['was closed by the server', STREAM, ['closed by the server'], 'same'],
    ['could not be loaded', STREAM, ['not loaded'], 'websocket: not_loaded'],
    ['gave way to a WebSocket', PROVEN, ['works again'], 'websocket: works_again'],
  ]
  test.each(rows)('%s', (_, choice, trials, chosen) => {
    expect(after(choice, ...trials)).toBe(chosen)
  })
})

test('where nothing answers at all, both have their turns', () => {
  let choice = WEBSOCKET_FIRST
  const dialled = Array.from({ length: 8 }, () => {
    const { transport } = choice
    choice = chooseTransport(choice, TRIALS.unanswered)
    return transport
  })
  expect(dialled).toEqual(['websocket', 'websocket', 'websocket', 'stream', 'websocket', 'websocket', 'websocket', 'stream'])
})

test('code that could not be loaded is tried again after three more dials', () => {
  const choice = chooseTransport(STREAM, TRIALS['not loaded'])
  expect(after(choice, 'unanswered', 'unanswered')).toBe('same')
  expect(after(choice, 'unanswered', 'unanswered', 'unanswered')).toBe('stream: unanswered')
})

test('a WebSocket that works again and dies young is given up at once', () => {
  const choice = chooseTransport(PROVEN, TRIALS['works again'])
  expect(after(choice, 'died young')).toBe('stream: died_young')
  expect(after(choice, 'lived', 'died young', 'died young')).toBe('same')
})
