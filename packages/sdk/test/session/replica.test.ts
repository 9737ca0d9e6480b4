import { expect, test } from 'vitest'
import type { AttachedFrame, TranscriptMessage } from '../../src/protocol/index.ts'
import { applyFrame, BLANK_REPLICA, withOlder, type Replica } from '../../src/session/replica.ts'
import { batch, cursor, mark, note, resumed, snapshot } from '../stage.ts'

const at3: Replica = {
  cursor: cursor(3),
  seq: 3,
  more: false,
  transcript: { messages: [], runs: [], queue: [], interrupts: [], custom: {} },
}

const message = (id: string): TranscriptMessage => ({ id, role: 'user', parts: [{ type: 'text', id, text: id }] })

function applied(replica: Replica, frame: Parameters<typeof applyFrame>[1]): Replica {
  const verdict = applyFrame(replica, frame)
  if (verdict.kind !== 'applied') throw new Error(`expected applied, got ${verdict.kind}`)
  return verdict.replica
}

test('a batch that follows is applied, and its mark goes into the cursor', () => {
  const after = applied(at3, { ...batch('s', 5, [note(4), note(5)]), mark: 'abcdefghij' })
  expect(after).toMatchObject({ cursor: 'abcdefghij.5', seq: 5, transcript: { custom: { note: 5 } } })
})

test('a batch of which everything has been applied is a duplicate', () => {
  expect(applyFrame(at3, batch('s', 3))).toEqual({ kind: 'duplicate' })
  expect(applyFrame(at3, batch('s', 2, [note(1), note(2)]))).toEqual({ kind: 'duplicate' })
})

test('a batch that begins after what is missing is a gap', () => {
  expect(applyFrame(at3, batch('s', 5))).toEqual({ kind: 'gap' })
})

test('a merged batch that straddles the cursor is a gap, since it cannot be cut', () => {
  expect(applyFrame(at3, batch('s', 6, [note(6)], 2))).toEqual({ kind: 'gap' })
})

test('a replica without a snapshot takes no batch, not even the first', () => {
  expect(applyFrame(BLANK_REPLICA, batch('s', 1))).toEqual({ kind: 'gap' })
})

test('a snapshot is taken whole, with its cursor', () => {
  const after = applied(at3, snapshot('a', 's', 9, { messages: [message('m')] }, true) as AttachedFrame)
  expect(after).toMatchObject({ cursor: cursor(9), seq: 9, more: true, transcript: { messages: [{ id: 'm' }] } })
})

test('the head of an attach is never a cursor', () => {
  expect(applied(at3, resumed('a', 's', 100) as AttachedFrame)).toBe(at3)
  const frame = { ...(snapshot('a', 's', 9) as AttachedFrame), head: 100 }
  expect(applied(at3, frame)).toMatchObject({ cursor: cursor(9), seq: 9 })
})

test('a resume of what nobody has is a gap', () => {
  expect(applyFrame(BLANK_REPLICA, resumed('a', 's', 3) as AttachedFrame)).toEqual({ kind: 'gap' })
})

test('a snapshot whose cursor is none is damage', () => {
  const frame = snapshot('a', 's', 9) as Extract<AttachedFrame, { resumed: false }>
  expect(applyFrame(at3, { ...frame, snapshot: { ...frame.snapshot, cursor: 'nonsense' } })).toMatchObject({ kind: 'damage' })
})

test('a batch that cannot be folded is damage, and leaves the replica as it is', () => {
  const poison = {
    get type(): never {
      throw new Error('poison')
    },
  }
  expect(applyFrame(at3, batch('s', 4, [poison]))).toMatchObject({ kind: 'damage', cause: { message: 'poison' } })
  expect(at3.seq).toBe(3)
})

test('an older page goes before the messages, and the cursor stays', () => {
  const after = withOlder({ ...at3, transcript: { ...at3.transcript, messages: [message('c')] } }, [message('a'), message('b')])
  expect(after.transcript.messages.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(after).toMatchObject({ cursor: cursor(3), seq: 3 })
})

test('pages that were loaded stay before a snapshot that begins among them', () => {
  const before = { ...at3, more: true, transcript: { ...at3.transcript, messages: ['a', 'b', 'c'].map(message) } }
  const after = applied(before, snapshot('a', 's', 9, { messages: ['c', 'd'].map(message) }) as AttachedFrame)
  expect(after.transcript.messages.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
  expect(after.more).toBe(true)
})

test('pages that were loaded go where the snapshot begins elsewhere: nobody knows what lies between', () => {
  const before = { ...at3, transcript: { ...at3.transcript, messages: ['a', 'b', 'c'].map(message) } }
  const after = applied(before, snapshot('a', 's', 9, { messages: ['x', 'y'].map(message) }, true) as AttachedFrame)
  expect(after.transcript.messages.map(({ id }) => id)).toEqual(['x', 'y'])
  expect(after.more).toBe(true)
})

test('the mark of a batch is the one that its own append had', () => {
  const one = applied(at3, batch('s', 4))
  const two = applied(one, batch('s', 5))
  expect([one.cursor, two.cursor]).toEqual([`${mark(4)}.4`, `${mark(5)}.5`])
})
