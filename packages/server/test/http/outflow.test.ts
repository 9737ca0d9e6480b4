import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { openOutflow } from '../../src/http/outflow.ts'
import { manualTimers } from '../manual-timers.ts'
import { until } from '../until.ts'

const KIB = 1024

/** An outflow into a socket that passes on what it has when the test says so. */
function flowing() {
  const timers = manualTimers()
  const pieces: { readonly bytes: Buffer; readonly isLast: boolean; readonly passed: () => void }[] = []
  const onMoved = vi.fn()
  const onStalled = vi.fn()
  const outflow = openOutflow({ timers, write: (bytes, isLast, passed) => pieces.push({ bytes, isLast, passed }), onMoved, onStalled })
  let done = 0
  return {
    ...outflow,
    timers,
    pieces,
    onMoved,
    onStalled,
    inFlight: () => pieces.length - done,
    /** The socket passes on its oldest piece; says whether there was one. */
    pass: () => {
      const piece = pieces[done]
      if (piece === undefined) return false
      done += 1
      piece.passed()
      return true
    },
  }
}

test('a frame leaves at once and as one piece', () => {
  const out = flowing()
  const frame = Buffer.alloc(64 * KIB)
  out.send(frame)
  expect(out.pieces).toMatchObject([{ isLast: true }])
  expect(out.pieces[0]?.bytes).toHaveLength(frame.length)
})

test('a large frame leaves in pieces, the next when the one before was passed on', () => {
  const out = flowing()
  out.send(Buffer.alloc(150 * KIB))
  expect(out.pieces.map(({ bytes, isLast }) => [bytes.length / KIB, isLast])).toEqual([[64, false]])
  out.pass()
  out.pass()
  expect(out.pieces.map(({ bytes, isLast }) => [bytes.length / KIB, isLast])).toEqual([
    [64, false],
    [64, false],
    [22, true],
  ])
})

test('a frame waits behind a large one that has begun', () => {
  const out = flowing()
  out.send(Buffer.alloc(100 * KIB))
  out.send(Buffer.from('next'))
  expect(out.inFlight()).toBe(1)
  while (out.pass());
  expect(out.pieces.map(({ bytes }) => bytes.length)).toEqual([64 * KIB, 36 * KIB, 4])
})

test('what was sent arrives whole and in order, however the socket takes it', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 300 * KIB }), fc.constant('pass' as const)), { maxLength: 30 }), (steps) => {
      const out = flowing()
      const sent: Buffer[] = []
      for (const [n, step] of steps.entries()) {
        if (step === 'pass') {
          out.pass()
          continue
        }
        const frame = Buffer.alloc(step, n)
        sent.push(frame)
        out.send(frame)
      }
      while (out.pass());
      expect(Buffer.concat(out.pieces.map(({ bytes }) => bytes)).equals(Buffer.concat(sent))).toBe(true)
      expect(out.pieces.filter(({ isLast }) => isLast)).toHaveLength(sent.length)
    }),
    { numRuns: 50 },
  )
})

test('there is room while another batch fits into 256 KiB', () => {
  const out = flowing()
  out.send(Buffer.alloc(192 * KIB))
  expect(out.hasRoom()).toBe(true)
  out.send(Buffer.from('x'))
  expect(out.hasRoom()).toBe(false)
})

test('who waits for room is called once there is', () => {
  const out = flowing()
  const called = vi.fn()
  out.send(Buffer.alloc(200 * KIB))
  out.whenRoom(called)
  expect(called).not.toHaveBeenCalled()
  out.pass()
  expect(called).toHaveBeenCalledTimes(1)
  while (out.pass());
  expect(called).toHaveBeenCalledTimes(1)
})

test('of several that wait only so many are called as there is room for', () => {
  const out = flowing()
  const second = vi.fn()
  out.send(Buffer.alloc(200 * KIB))
  out.whenRoom(() => out.send(Buffer.alloc(200 * KIB)))
  out.whenRoom(second)
  out.pass()
  expect(second).not.toHaveBeenCalled()
  while (out.pass());
  expect(second).toHaveBeenCalledTimes(1)
})

test('who asks while there is room is called as well', async () => {
  const out = flowing()
  const called = vi.fn()
  out.whenRoom(called)
  await until(() => expect(called).toHaveBeenCalledTimes(1))
})

test('15 s without progress while something waits is a stall', async () => {
  const out = flowing()
  out.send(Buffer.from('x'))
  await out.timers.advance(14_999)
  expect(out.onStalled).not.toHaveBeenCalled()
  await out.timers.advance(1)
  expect(out.onStalled).toHaveBeenCalledTimes(1)
})

test('progress puts a stall off, also in the middle of a frame', async () => {
  const out = flowing()
  out.send(Buffer.alloc(200 * KIB))
  for (let n = 0; n < 3; n++) {
    await out.timers.advance(14_000)
    out.pass()
  }
  expect(out.onStalled).not.toHaveBeenCalled()
  await out.timers.advance(15_000)
  expect(out.onStalled).toHaveBeenCalledTimes(1)
})

test('a link with nothing to send never stalls', async () => {
  const out = flowing()
  out.send(Buffer.from('x'))
  out.pass()
  await out.timers.advance(60_000)
  out.send(Buffer.from('x'))
  await out.timers.advance(14_999)
  expect(out.onStalled).not.toHaveBeenCalled()
})

test('a stall is measured from when something began to wait, not from the last time that something went out', async () => {
  const out = flowing()
  out.send(Buffer.from('x'))
  out.pass()
  await out.timers.advance(14_000)
  out.send(Buffer.from('x'))
  await out.timers.advance(14_999)
  expect(out.onStalled).not.toHaveBeenCalled()
  await out.timers.advance(1)
  expect(out.onStalled).toHaveBeenCalledTimes(1)
})

test('only a backlog that moves is a sign of the other side: the kernel takes what is small from a peer that is gone', () => {
  const out = flowing()
  out.send(Buffer.from('x'))
  out.pass()
  expect(out.onMoved).not.toHaveBeenCalled()
  out.send(Buffer.alloc(100 * KIB))
  out.pass()
  expect(out.onMoved).toHaveBeenCalledTimes(1)
  out.pass()
  expect(out.onMoved).toHaveBeenCalledTimes(1)
})

test('after the stop nothing is sent, called back, or has room', async () => {
  const out = flowing()
  const called = vi.fn()
  out.send(Buffer.alloc(300 * KIB))
  out.whenRoom(called)
  out.stop()
  while (out.pass());
  out.send(Buffer.from('x'))
  await out.timers.advance(60_000)
  expect(out.pieces).toHaveLength(1)
  expect(called).not.toHaveBeenCalled()
  expect(out.onStalled).not.toHaveBeenCalled()
  expect(out.hasRoom()).toBe(false)
})

test('one that ends takes nothing more, and calls back when what waits was passed on', () => {
  const out = flowing()
  const done = vi.fn()
  out.send(Buffer.alloc(100 * KIB))
  out.end(done)
  out.send(Buffer.from('late'))
  expect(out.hasRoom()).toBe(false)
  out.pass()
  expect(done).not.toHaveBeenCalled()
  out.pass()
  expect(done).toHaveBeenCalledTimes(1)
  expect(Buffer.concat(out.pieces.map(({ bytes }) => bytes))).toHaveLength(100 * KIB)
})

test('one that has nothing ends at once', () => {
  const out = flowing()
  const done = vi.fn()
  out.end(done)
  expect(done).toHaveBeenCalledTimes(1)
})

test('one that was stopped while it ended does not call back', () => {
  const out = flowing()
  const done = vi.fn()
  out.send(Buffer.from('last'))
  out.end(done)
  out.stop()
  out.pass()
  expect(done).not.toHaveBeenCalled()
})
