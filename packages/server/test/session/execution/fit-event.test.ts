import type { SessionEvent } from '@throughline/sdk/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodedBytes, fitEvent } from '../../../src/session/execution/fit-event.ts'
import { cutText, splitText } from '../../../src/session/execution/split-text.ts'

const character = fc.oneof(
  fc.constantFrom('a', '"', '\n', '\u0001', 'é', '€', '🙂', '\ud83d'),
  fc.string({ unit: 'grapheme', maxLength: 1 }),
)
const text = fc.array(character, { maxLength: 40 }).map((characters) => characters.join(''))

function fitted(event: object, maxBytes: number): readonly SessionEvent[] | undefined {
  const result = fitEvent(event as SessionEvent, maxBytes)
  return result.kind === 'fits' ? result.events : undefined
}

describe('a text', () => {
  test('is split into pieces that fit, are none of them empty and say the same', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 6, max: 30 }), (whole, bytes) => {
        const pieces = splitText(whole, bytes, bytes)
        expect(pieces.join('')).toBe(whole)
        for (const piece of pieces) expect(encodedBytes(piece) - 2).toBeLessThanOrEqual(bytes)
        if (whole !== '') expect(pieces).not.toContain('')
      }),
    )
  })

  test('is never split inside a surrogate pair', () => {
    expect(splitText('🙂🙂', 6, 6)).toEqual(['🙂', '🙂'])
  })

  test('is cut to the longest beginning that fits', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 30 }), (whole, bytes) => {
        const cut = cutText(whole, bytes)
        expect(whole.startsWith(cut)).toBe(true)
        expect(encodedBytes(cut) - 2).toBeLessThanOrEqual(bytes)
        const [next = ''] = whole.slice(cut.length)
        if (cut !== whole) expect(encodedBytes(cut + next) - 2).toBeGreaterThan(bytes)
      }),
    )
  })
})

describe('an event that is too large', () => {
  test.each(['TEXT_MESSAGE_CONTENT', 'REASONING_MESSAGE_CONTENT', 'TOOL_CALL_ARGS'])('is split where it is a delta: %s', (type) => {
    fc.assert(
      fc.property(text, fc.integer({ min: 120, max: 160 }), fc.boolean(), (delta, maxBytes, isDescribed) => {
        const id = type === 'TOOL_CALL_ARGS' ? { toolCallId: 't' } : { messageId: 'm' }
        const event = { type, ...id, delta, ...(isDescribed && { metadata: { a: 1 } }) }
        const pieces = fitted(event, maxBytes)
        expect(pieces?.map((piece) => (piece as { delta: string }).delta).join('')).toBe(delta)
        for (const piece of pieces ?? []) expect(encodedBytes(piece)).toBeLessThanOrEqual(maxBytes)
        expect(pieces?.map(({ metadata }) => metadata)).toEqual(
          pieces?.map((_, index) => (isDescribed && index === 0 ? { a: 1 } : undefined)),
        )
      }),
    )
  })

  test('that fits exactly is left alone, and one byte more splits it', () => {
    const event = { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'x'.repeat(50) }
    expect(fitted(event, encodedBytes(event))).toEqual([event])
    expect(fitted(event, encodedBytes(event) - 1)).toHaveLength(2)
  })

  test('is cut and marked where it is the result of a tool', () => {
    const content = '€'.repeat(1000)
    const [cut, ...none] =
      fitted({ type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'm', content, rawEvent: { big: 1 }, metadata: { a: 1 } }, 500) ?? []
    expect(none).toEqual([])
    expect(encodedBytes(cut)).toBeGreaterThan(490)
    expect(encodedBytes(cut)).toBeLessThanOrEqual(500)
    expect(cut).toMatchObject({ content: expect.stringMatching(/^€+$/), metadata: { a: 1, throughline: { truncated: { bytes: 3000 } } } })
    expect(cut).not.toHaveProperty('rawEvent')
  })

  test('keeps those parts of a result that fit, and the beginning of a text that does not', () => {
    const small = { type: 'text', text: 'small' }
    const image = { type: 'image', source: { type: 'data', mimeType: 'image/png', value: 'x'.repeat(1000) } }
    const long = { type: 'text', text: 'y'.repeat(1000) }
    const event = { type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'm', content: [small, image, long, small] }
    const [cut] = fitted(event, 500) ?? []
    expect(encodedBytes(cut)).toBeLessThanOrEqual(500)
    expect(cut).toMatchObject({ content: [small, { type: 'text', text: expect.stringMatching(/^y{50,}$/) }] })
    expect(cut?.metadata?.['throughline']).toEqual({ truncated: { bytes: encodedBytes(event.content) } })
  })

  test('is refused where it is anything else, or where what is not its text is too large', () => {
    const bytes = expect.any(Number) as unknown
    expect(fitEvent({ type: 'CUSTOM', name: 'x', value: 'x'.repeat(500) }, 400)).toEqual({ kind: 'too_large', bytes })
    expect(fitEvent({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm'.repeat(500), delta: 'x' }, 400)).toEqual({ kind: 'too_large', bytes })
    expect(
      fitEvent({ type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'm', content: 'x', metadata: { a: 'x'.repeat(500) } }, 400),
    ).toEqual({
      kind: 'too_large',
      bytes,
    })
  })
})
