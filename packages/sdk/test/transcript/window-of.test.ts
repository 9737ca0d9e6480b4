import { describe, expect, test } from 'vitest'
import type { ToolPart, Transcript } from '../../src/protocol/index.ts'
import { lastRunOf, statusOf, windowOf } from '../../src/transcript/index.ts'
import { call, custom, event, fold, partsOf, result, runFinished, runStarted, text, user } from './log.ts'

const KIB = 1024
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** Conversations of a size: each run is a question and an answer of about a KiB. */
function conversation(runs: number): Transcript {
  const log = Array.from({ length: runs }, (_, index) => [
    runStarted(`r${index}`, [user(`u${index}`, 'x'.repeat(400))]),
    ...text(`m${index}`, 'y'.repeat(400)),
    runFinished(`r${index}`),
  ])
  return fold(log.flat())
}

describe('a window', () => {
  test('of a transcript that fits is all of it', () => {
    const whole = conversation(3)
    expect(windowOf(whole, 1024 * KIB)).toEqual({ transcript: whole, dropped: 0 })
  })

  test('holds the newest messages whole, as many as fit, and says how many it dropped', () => {
    const whole = conversation(40)
    for (const maxBytes of [4 * KIB, 10 * KIB, 20 * KIB]) {
      const { transcript, dropped } = windowOf(whole, maxBytes)
      expect(transcript.messages).toEqual(whole.messages.slice(dropped))
      expect(bytesOf(transcript)).toBeLessThanOrEqual(maxBytes)
      expect(bytesOf({ ...transcript, messages: whole.messages.slice(dropped - 1) })).toBeGreaterThan(maxBytes - 200)
    }
  })

  test('holds the runs from its oldest message on', () => {
    const { transcript } = windowOf(conversation(40), 10 * KIB)
    expect(transcript.runs[0]?.id).toBe(transcript.messages[0]?.run)
    expect(transcript.runs.at(-1)?.id).toBe('r39')
  })

  test('keeps the last run, and the last that ended, without their messages', () => {
    const big = 'x'.repeat(8 * KIB)
    const whole = fold([...[runStarted('q'), runFinished('q', { type: 'cancelled' })], runStarted('r'), ...text('m', big)], conversation(3))
    const { transcript } = windowOf(whole, 4 * KIB)
    expect(transcript.runs.map(({ id }) => id)).toEqual(['q', 'r'])
    expect(lastRunOf(transcript)).toEqual(lastRunOf(whole))
    expect(statusOf(transcript)).toBe('running')
  })

  test('keeps state, queue, interrupts and custom values whole', () => {
    const more = [
      event('STATE_SNAPSHOT', { snapshot: { big: 'x'.repeat(KIB) } }),
      custom('throughline/queued', { message: user('q', 'y'.repeat(KIB)), by: 'ann' }),
      custom('app/a', 'z'.repeat(KIB)),
    ]
    const whole = fold(more, conversation(10))
    const { messages: _messages, runs: _runs, ...rest } = whole
    expect(windowOf(whole, 2 * KIB).transcript).toMatchObject(rest)
  })

  test('shares the messages that it keeps with the transcript', () => {
    const whole = conversation(5)
    const { transcript } = windowOf(whole, 4 * KIB)
    expect(whole.messages).toContain(transcript.messages[0])
  })

  test('of an empty transcript is empty', () => {
    expect(windowOf(fold([]), 10)).toEqual({ transcript: fold([]), dropped: 0 })
  })
})

describe('settled tool values', () => {
  const long = 'é'.repeat(40 * KIB)
  const values = (log: Parameters<typeof fold>[0]) => partsOf(windowOf(fold(log), 1024 * KIB).transcript)[0] as ToolPart

  test('are cut at 64 KiB, visibly', () => {
    const part = values([runStarted('r'), ...call('t', long), result('t', long)])
    expect(part.args).toBe('é'.repeat(32 * KIB))
    expect(part.truncated).toBe(true)
    expect(part.result).toEqual({ id: 't-result', content: 'é'.repeat(32 * KIB), truncated: true })
  })

  test('are cut each by itself', () => {
    expect(values([runStarted('r'), ...call('t', '{}'), result('t', long)])).toMatchObject({ args: '{}', result: { truncated: true } })
    expect(values([runStarted('r'), ...call('t', '{}'), result('t', long)])).not.toHaveProperty('truncated')
    expect(values([runStarted('r'), ...call('t', long), result('t', 'x')]).result).toEqual({ id: 't-result', content: 'x' })
  })

  test('in several parts are cut in their texts', () => {
    const image = { type: 'image', source: { type: 'url', value: 'https://x/y.png' } }
    expect(values([runStarted('r'), ...call('t'), result('t', [{ type: 'text', text: long }, image])]).result).toEqual({
      id: 't-result',
      content: [{ type: 'text', text: 'é'.repeat(32 * KIB) }, image],
      truncated: true,
    })
  })

  test('are not cut while the call is not settled', () => {
    expect(values([runStarted('r'), ...call('t', long)])).not.toHaveProperty('truncated')
  })
})

describe('a newest message that is too large alone', () => {
  const window = (log: Parameters<typeof fold>[0], maxBytes = 1024 * KIB) => windowOf(fold(log), maxBytes).transcript

  test('keeps its last 512 KiB, and is marked', () => {
    const transcript = window([runStarted('r', [user('u')]), ...text('a', 'x'.repeat(900 * KIB)), ...text('b', 'y'.repeat(300 * KIB))])
    const [message, ...others] = transcript.messages
    expect(others).toEqual([])
    expect(message).toMatchObject({ id: 'r', cut: true })
    expect(bytesOf(message)).toBeLessThanOrEqual(512 * KIB)
    expect(bytesOf(message)).toBeGreaterThan(511 * KIB)
    expect(message?.parts.map((part) => 'text' in part && part.text.slice(0, 1))).toEqual(['x', 'y'])
    expect(message?.omitted).toBeUndefined()
  })

  test('says how many of its parts were left out', () => {
    const log = Array.from({ length: 30 }, (_, index) => text(`m${index}`, `${index}`.padEnd(50 * KIB))).flat()
    const [message] = window([runStarted('r'), ...log]).messages
    expect(message?.parts.at(-1)?.id).toBe('m29')
    expect(message?.omitted).toBe(30 - (message?.parts.length ?? 0))
    const [again] = window([runStarted('r'), ...log], 100 * KIB).messages
    expect(again?.omitted).toBe(28)
    const twice = windowOf(window([runStarted('r'), ...log]), 100 * KIB).transcript.messages[0]
    expect(twice?.omitted).toBe(28)
  })

  test('keeps what is still being written, so that it can go on', () => {
    const log = [runStarted('r'), ...call('t', 'x'.repeat(2048 * KIB)).slice(0, 2)]
    const [part] = partsOf(window(log))
    expect(part).toMatchObject({ type: 'tool', status: 'input', truncated: true })
    const open = [runStarted('r'), ...text('m', '"'.repeat(2048 * KIB)).slice(0, 2)]
    const cut = window(open)
    expect(bytesOf(cut)).toBeLessThanOrEqual(513 * KIB)
    expect(partsOf(fold([event('TEXT_MESSAGE_CONTENT', { messageId: 'm', delta: 'more' })], cut))).toMatchObject([{ text: /"more$/ }])
  })

  test('stays, though the one part that it shows goes', () => {
    const log = [...text('m', 'x'.repeat(600 * KIB)), event('TEXT_MESSAGE_START', { messageId: 'n' })]
    const whole = fold([runStarted('r'), ...log])
    const cut = { ...whole, messages: whole.messages.map((it) => ({ ...it, parts: it.parts.slice(1), cut: true as const, omitted: 1 })) }
    const more = [event('TEXT_MESSAGE_END', { messageId: 'n' }), ...text('o', 'y')]
    const [message, ...others] = fold(more, cut).messages
    expect(message).toMatchObject({ id: 'r', omitted: 1, parts: [{ id: 'o' }] })
    expect(others).toEqual([])
  })

  test('opens its next message where the whole one would', () => {
    const log = Array.from({ length: 100 }, (_, index) => text(`m${index}`, 'x'.repeat(20 * KIB))).flat()
    const whole = fold([runStarted('r'), ...log])
    const more = Array.from({ length: 40 }, (_, index) => text(`n${index}`, 'y')).flat()
    const ids = (transcript: Transcript) => fold(more, transcript).messages.map(({ id, parts }) => [id, parts.at(-1)?.id])
    expect(ids(windowOf(whole, 1024 * KIB).transcript)).toEqual(ids(whole))
  })
})

test('a window and what follows show the newest messages as the whole does', () => {
  const whole = conversation(40)
  const more = [runStarted('r', [user('u')]), ...text('m', 'a'), ...call('t'), result('t'), ...text('n', 'b'), runFinished('r')]
  const { transcript, dropped } = windowOf(whole, 10 * KIB)
  expect(fold(more, transcript).messages).toEqual(fold(more, whole).messages.slice(dropped))
  expect(lastRunOf(fold(more, transcript))).toEqual(lastRunOf(fold(more, whole)))
})
