import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Outflow } from '../../src/http/outflow.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { until } from '../until.ts'

const KIB = 1024

/** An outflow into a socket that passes on what it has when the test says so. */
function flowing() {
  const timers = manualTimers()
  const pieces: { readonly bytes: Buffer; readonly isLast: boolean; readonly passed: () => void }[] = []
  const onMoved = vi.fn()
  const onStalled = vi.fn()
  const outflow = new Outflow({ timers, write: (bytes, isLast, passed) => pieces.push({ bytes, isLast, passed }), onMoved, onStalled })
  let passed = 0
  return {
    send: (frame: Buffer) => outflow.send(frame),
    hasRoom: () => outflow.hasRoom(),
    whenRoom: (callback: () => void) => outflow.whenRoom(callback),
    end: (done: () => void, lastWord?: Buffer) => outflow.end(done, lastWord),
    stop: () => outflow.stop(),
    keepRoom: () => outflow.keepRoom(),
    inTurn: (prepare: () => Promise<() => void>) => outflow.inTurn(prepare),
    timers,
    pieces,
    onMoved,
    onStalled,
    inFlight: () => pieces.length - passed,
    /** The socket passes on its oldest piece; says whether there was one. */
    pass: () => {
      const piece = pieces[passed]
      if (piece === undefined) return false
      passed += 1
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

test('the last word goes ahead of all that has not begun, however much is in flight', () => {
  const out = flowing()
  for (let n = 0; n < 3; n++) out.send(Buffer.alloc(50 * KIB, `${n}`))
  out.end(() => {}, Buffer.from('bye'))
  out.send(Buffer.from('late'))
  while (out.pass());
  expect(out.pieces.map(({ bytes, isLast }) => [bytes.toString('latin1', 0, 3), isLast])).toEqual([
    ['000', true],
    ['bye', true],
  ])
})

test('the last word waits for the rest of a frame that has begun', () => {
  const out = flowing()
  out.send(Buffer.alloc(150 * KIB, 'a'))
  out.send(Buffer.alloc(10 * KIB, 'b'))
  out.end(() => {}, Buffer.from('bye'))
  expect(out.inFlight()).toBe(1)
  while (out.pass());
  expect(out.pieces.map(({ bytes, isLast }) => [bytes.toString('latin1', 0, 3), isLast])).toEqual([
    ['aaa', false],
    ['aaa', false],
    ['aaa', true],
    ['bye', true],
  ])
})

test('of what may be large one is prepared at a time, and each where there is room', async () => {
  const out = flowing()
  const begun: number[] = []
  const task = (n: number) =>
    out.inTurn(async () => {
      begun.push(n)
      return () => out.send(Buffer.alloc(300 * KIB))
    })
  const tasks = [task(1), task(2), task(3)]
  await turn()
  expect(begun).toEqual([1])
  while (out.pass());
  await turn()
  expect(begun).toEqual([1, 2])
  while (out.pass());
  await Promise.all(tasks)
  expect(begun).toEqual([1, 2, 3])
})

test('what took its turn is sent only where there is room still', async () => {
  const out = flowing()
  let prepared = (_send: () => void) => {}
  const send = vi.fn()
  void out.inTurn(() => new Promise((resolve) => (prepared = resolve)))
  await turn()
  out.send(Buffer.alloc(200 * KIB))
  prepared(send)
  await turn()
  expect(send).not.toHaveBeenCalled()
  out.pass()
  expect(send).toHaveBeenCalledTimes(1)
})

test('what cannot be prepared fails for who asked, and the next is prepared', async () => {
  const out = flowing()
  const failed = out.inTurn(() => Promise.reject(new Error('no')))
  const next = out.inTurn(async () => () => out.send(Buffer.from('next')))
  await expect(failed).rejects.toThrow('no')
  await next
  expect(out.pieces).toHaveLength(1)
})

test.each([
  ['stopped', (out: ReturnType<typeof flowing>) => out.stop()],
  ['ended', (out: ReturnType<typeof flowing>) => out.end(() => undefined)],
])('who waits for a turn is let go when the link is %s, and nothing is prepared', async (_how, close) => {
  const out = flowing()
  const prepare = vi.fn()
  out.send(Buffer.alloc(200 * KIB))
  const turns = [out.inTurn(prepare), out.inTurn(prepare)]
  await turn()
  close(out)
  await Promise.all([...turns, out.inTurn(prepare)])
  expect(prepare).not.toHaveBeenCalled()
})

test('room that is kept for a batch is nobody else’s', () => {
  const out = flowing()
  out.send(Buffer.alloc(192 * KIB))
  out.keepRoom()
  expect(out.hasRoom()).toBe(false)
})

test('room that was kept is offered to who waits, and is let go of only once', async () => {
  const out = flowing()
  const called = vi.fn()
  const [letGo, other] = [out.keepRoom(), out.keepRoom()]
  out.send(Buffer.alloc(192 * KIB))
  out.whenRoom(called)
  letGo()
  letGo()
  await turn()
  expect(called).not.toHaveBeenCalled()
  other()
  await turn()
  expect(called).toHaveBeenCalledTimes(1)
})
