import { expect, test } from 'vitest'
import { judgeLoss, NO_LOSSES, type LinkLife, type Loss, type LossHistory } from '../../src/connection/judge-loss.ts'
import { CLOSE_CODES } from '../../src/protocol/index.ts'

const NOW = 1_000_000
const never: LinkLife = { welcomedAt: undefined, progressed: false }
const brief: LinkLife = { welcomedAt: NOW - 100, progressed: false }
const long: LinkLife = { welcomedAt: NOW - 5_000, progressed: false }
const useful: LinkLife = { welcomedAt: NOW - 100, progressed: true }

const almostOne = () => 0.999_999

function judge(loss: Partial<Loss>, life: LinkLife = never, history: LossHistory = NO_LOSSES, now = NOW, random = almostOne) {
  return judgeLoss(history, { code: 1006, reason: '', ...loss }, life, now, random)
}

const codeOf = (code: number) => judge({ code }).error.code

function delayMs(verdict: ReturnType<typeof judge>): number {
  if (verdict.kind !== 'retry') throw new Error('expected a retry')
  return Math.round(verdict.delayMs)
}

test('the delay doubles from half a second to 20 s', () => {
  let history = NO_LOSSES
  const delays = Array.from({ length: 8 }, () => {
    const verdict = judge({}, never, history)
    history = verdict.history
    return delayMs(verdict)
  })
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000])
})

test('the delay is anything up to its limit, but never none', () => {
  expect(delayMs(judge({}, never, { ...NO_LOSSES, failures: 3 }, NOW, () => 0))).toBe(1)
  expect(delayMs(judge({}, never, { ...NO_LOSSES, failures: 3 }, NOW, () => 0.5))).toBe(2_000)
})

test('a link that lived 5 s resets the delay', () => {
  const verdict = judge({}, long, { ...NO_LOSSES, failures: 6 })
  expect(delayMs(verdict)).toBe(500)
  expect(verdict.history.failures).toBe(0)
})

test('a link that moved a cursor resets the delay, however short it lived', () => {
  const verdict = judge({}, useful, { ...NO_LOSSES, failures: 6 })
  expect(delayMs(verdict)).toBe(500)
  expect(verdict.history.failures).toBe(0)
})

test('a link that did neither does not reset the delay', () => {
  expect(delayMs(judge({}, brief, { ...NO_LOSSES, failures: 2 }))).toBe(2_000)
})

test('a link that is replaced is dialled anew at once', () => {
  expect(delayMs(judge({ code: 1000, replace: true }, never, { ...NO_LOSSES, failures: 6 }))).toBe(0)
})

test('every close from 4500 to 4999 is final, and nothing else is', () => {
  for (const code of [4500, 4501, 4503, 4505, 4999]) expect(judge({ code }).kind).toBe('final')
  for (const code of [1000, 1001, 1005, 1006, 1011, 1015, 3000, 4000, 4001, 4003, 4008, 4012, 4013, 4014, 4499])
    expect(judge({ code }).kind).toBe('retry')
})

test('a final close says why in its code', () => {
  expect(codeOf(CLOSE_CODES.unauthorized)).toBe('unauthorized')
  expect(codeOf(CLOSE_CODES.forbidden)).toBe('forbidden')
  expect(codeOf(CLOSE_CODES.version)).toBe('version')
  expect(codeOf(CLOSE_CODES.protocol)).toBe('protocol')
  expect(codeOf(1006)).toBe('unreachable')
})

test('an expired token twice in a row is final', () => {
  const first = judge({ code: CLOSE_CODES.token_expired })
  expect(first.kind).toBe('retry')
  const second = judge({ code: CLOSE_CODES.token_expired }, brief, first.history)
  expect(second.kind).toBe('final')
  expect(second.error.code).toBe('unauthorized')
})

test('an expired token after a link that held, or after another loss, is not the second in a row', () => {
  const { history } = judge({ code: CLOSE_CODES.token_expired })
  expect(judge({ code: CLOSE_CODES.token_expired }, long, history).kind).toBe('retry')
  const other = judge({}, never, history)
  expect(judge({ code: CLOSE_CODES.token_expired }, never, other.history).kind).toBe('retry')
})

test('a link held also where the clock was set back while it lived', () => {
  const setBack = { welcomedAt: NOW + 60_000, progressed: false }
  const { history } = judge({ code: CLOSE_CODES.token_expired })
  expect(judge({ code: CLOSE_CODES.token_expired }, setBack, history)).toMatchObject({ kind: 'retry', history: { failures: 0 } })
})

function loseBriefly(times: number, everyMs: number, life: Partial<LinkLife> = {}) {
  let history = NO_LOSSES
  let verdict = judge({})
  for (let index = 0; index < times; index++) {
    const now = NOW + index * everyMs
    verdict = judge({}, { welcomedAt: now - 10, progressed: false, ...life }, history, now, () => 0)
    history = verdict.history
  }
  return verdict
}

test('five links within 10 s without progress make a pause of 60 s', () => {
  expect(delayMs(loseBriefly(4, 100))).toBe(1)
  expect(delayMs(loseBriefly(5, 100))).toBe(60_000)
})

test('five links over more than 10 s, or with progress, make no pause', () => {
  expect(delayMs(loseBriefly(5, 2_600))).toBe(1)
  expect(delayMs(loseBriefly(5, 100, { progressed: true }))).toBe(1)
})

test('dials that were never answered make no pause: a server that is down is tried by back-off alone', () => {
  expect(delayMs(loseBriefly(9, 100, { welcomedAt: undefined }))).toBe(1)
})

test('what broke the link is kept as the cause', () => {
  const cause = new Error('ECONNREFUSED')
  expect(judge({ cause }).error.cause).toBe(cause)
})

test('brief links of a time that the clock has been set back to make no pause', () => {
  const hoursAgo = { ...NO_LOSSES, brief: [0, 1, 2, 3].map((hour) => NOW + 3_600_000 * (4 + hour)) }
  expect(delayMs(judge({}, brief, hoursAgo, NOW, () => 0))).toBe(1)
})

test.each<[code: number, failures: number, atOnce: boolean]>([
  [CLOSE_CODES.ping_timeout, 0, true],
  [CLOSE_CODES.ping_timeout, 1, false],
  [1006, 0, false],
  [4001, 0, false],
])('a link that ends with %i after %i failures is dialled at once: %s', (code, failures, atOnce) => {
  expect(delayMs(judge({ code }, never, { ...NO_LOSSES, failures })) === 0).toBe(atOnce)
})
