import type { SessionEvent } from '@throughline/sdk/protocol'
import { EMPTY_TRANSCRIPT } from '@throughline/sdk/protocol'
import { applyEvents } from '@throughline/sdk/transcript'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MERGED_BYTES, mergeBatches } from '../../src/journal/merge.ts'
import { batchesOf, decode, mergeEvents, text } from './batches.ts'

const end: SessionEvent = { type: 'TEXT_MESSAGE_END', messageId: 'm1' }

describe('merging events', () => {
  test('joins deltas of one part', () => {
    expect(mergeEvents([text('Hel'), text('lo')])).toEqual([text('Hello')])
  })

  test('gathers deltas per part where several parts stream at once', () => {
    expect(mergeEvents([text('a'), text('x', 'm2'), text('b'), text('y', 'm2')])).toEqual([text('ab'), text('xy', 'm2')])
  })

  test('does not join over an event that is not a delta', () => {
    expect(mergeEvents([text('a'), end, text('b')])).toEqual([text('a'), end, text('b')])
  })

  test('does not join deltas of different subagents', () => {
    const tagged = { ...text('b'), subagentRunId: 's' } as SessionEvent
    expect(mergeEvents([text('a'), tagged])).toEqual([text('a'), tagged])
  })

  test('does not take two parts for one, whatever is in their ids', () => {
    const one = { ...text('a', 'y z'), subagentRunId: 'x' } as SessionEvent
    const other = { ...text('b', 'z'), subagentRunId: 'x y' } as SessionEvent
    const untagged = text('c', 'z')
    const blank = { ...untagged, subagentRunId: '' } as SessionEvent
    expect(mergeEvents([one, other, untagged, blank])).toEqual([one, other, untagged, blank])
  })

  test('leaves a delta alone that carries more than its text', () => {
    const annotated = { ...text('b'), metadata: { tokens: 1 } } as SessionEvent
    expect(mergeEvents([text('a'), annotated, text('c')])).toEqual([text('a'), annotated, text('c')])
  })

  test('never joins JSON patches: one failing operation would void the others', () => {
    const patch: SessionEvent = { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/a', value: 1 }] }
    expect(mergeEvents([patch, patch])).toEqual([patch, patch])
  })

  test('keeps an unknown event whatever fields it has', () => {
    const strange = { type: 'SOMETHING_NEW', texts: ['x'], delta: 'y' } as unknown as SessionEvent
    expect(mergeEvents([strange])).toEqual([strange])
  })

  test('says the same to the fold, for any log', () => {
    const event = fc.oneof(
      fc.record({ type: fc.constant('TEXT_MESSAGE_CONTENT'), messageId: fc.constantFrom('m1', 'm2'), delta: fc.string({ maxLength: 3 }) }),
      fc.record({ type: fc.constantFrom('TEXT_MESSAGE_START', 'TEXT_MESSAGE_END'), messageId: fc.constantFrom('m1', 'm2') }),
      fc.record({ type: fc.constant('TOOL_CALL_START'), toolCallId: fc.constantFrom('t1', 't2'), toolCallName: fc.constant('tool') }),
      fc.record({ type: fc.constant('TOOL_CALL_ARGS'), toolCallId: fc.constantFrom('t1', 't2'), delta: fc.string({ maxLength: 3 }) }),
    ) as fc.Arbitrary<SessionEvent>
    const started = applyEvents(EMPTY_TRANSCRIPT, [{ type: 'RUN_STARTED', threadId: 's', runId: 'r' }])
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        expect(applyEvents(started, mergeEvents(events))).toEqual(applyEvents(started, events))
      }),
    )
  })
})

describe('merging batches', () => {
  test('covers whole batches and has the last one’s mark and time', () => {
    const [first, second, third] = batchesOf([[text('a')], [text('b'), text('c')], [end]])
    const merged = mergeBatches('s1', [first, second, third] as never)
    expect(decode(merged)).toEqual({ type: 'batch', session: 's1', from: 1, to: 4, mark: third?.mark, at: 2, events: [text('abc'), end] })
  })

  test('leaves a single batch its stored bytes', () => {
    const [only] = batchesOf([[text('a'), text('b')]])
    expect(mergeBatches('s1', [only] as never)).toBe(only)
  })

  test('stays within the size of a frame', () => {
    const batches = batchesOf(Array.from({ length: 40 }, () => [text('x'.repeat(5000))]))
    const merged = mergeBatches('s1', batches as never)
    expect(merged.frame.length).toBeLessThanOrEqual(MERGED_BYTES)
    expect(merged.to).toBeGreaterThan(5)
  })

  test('stays within it also where text has more bytes in JSON', () => {
    const batches = batchesOf(Array.from({ length: 40 }, () => [text('\u0001'.repeat(1000))]))
    const merged = mergeBatches('s1', batches as never)
    expect(merged.frame.length).toBeLessThanOrEqual(MERGED_BYTES)
    expect(merged.to).toBeGreaterThan(5)
  })

  test('stays within it also where each batch closes the part that the next goes on with', () => {
    const batches = batchesOf(Array.from({ length: 2000 }, (_, n) => [text('x', `m${n % 2}`.padEnd(60, '-')), end]))
    const merged = mergeBatches('s1', batches as never)
    expect(merged.frame.length).toBeLessThanOrEqual(MERGED_BYTES)
    expect(merged.frame.length).toBeGreaterThan(MERGED_BYTES * 0.8)
  })

  test('says what the batches say, for any log and sizes', () => {
    const event = fc.oneof(
      fc
        .record({ delta: fc.string({ unit: 'binary', maxLength: 20 }), id: fc.constantFrom('m1', 'm2') })
        .map(({ delta, id }) => text(delta, id)),
      fc.string({ unit: 'binary' }).map((value): SessionEvent => ({ type: 'CUSTOM', name: 'app', value })),
    )
    fc.assert(
      fc.property(fc.array(fc.array(event, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 }), (lists) => {
        const merged = mergeBatches('s1', batchesOf(lists) as never)
        // One list alone is left as it is.
        expect(mergeEvents(decode(merged).events)).toEqual(mergeEvents(lists.flat()))
      }),
    )
  })

  test('gives a batch that alone is larger than a frame as it is', () => {
    const batches = batchesOf([[text('x'.repeat(MERGED_BYTES + 1))], [text('y')]])
    expect(mergeBatches('s1', batches as never)).toBe(batches[0])
  })

  test('ends at common seqs, so that viewers who fell behind at different places soon share their frames', () => {
    const batches = batchesOf(Array.from({ length: 9000 }, () => [text('x')]))
    const one = mergeBatches('s1', batches.slice(10) as never)
    const other = mergeBatches('s1', batches.slice(700) as never)
    expect(one.to).toBe(other.to)
  })
})
