import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connect, type Session, type SessionState } from '../../src/index.ts'
import { EMPTY_TRANSCRIPT, encodeFrame, formatCursor, parseCursor } from '../../src/protocol/index.ts'
import type { ClientFrame, ServerFrame, SessionEvent, Transcript } from '../../src/protocol/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import type { KeyValueStorage } from '../../src/saved/key-value-storage.ts'
import { testClock, webSocketTo, type PairedSocket, type Wire } from '../../src/testing/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'
import { note, runFinished, runStarted, stagedWake, welcome } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

/** A server with one session, in its plainest form: one event a batch, and every command takes effect once. */
function plainServer() {
  let marks = 0
  let journal: { readonly mark: string; readonly event: SessionEvent }[] = []
  const watching = new Map<PairedSocket, string>()
  const mint = () => `m${String((marks += 1)).padStart(9, '0')}`
  let birth = mint()

  const say = (socket: PairedSocket, frame: ServerFrame) => socket.send(encodeFrame(frame))
  const markAt = (seq: number) => (seq === 0 ? birth : journal[seq - 1]?.mark)
  const fold = (): Transcript =>
    applyEvents(
      EMPTY_TRANSCRIPT,
      journal.map(({ event }) => event),
    )

  function tell(socket: PairedSocket, seq: number): void {
    const { mark, event } = journal[seq - 1] ?? { mark: '', event: note(0) }
    say(socket, { type: 'batch', session: 's', from: seq, to: seq, mark, at: 1, events: [event] })
  }

  function append(event: SessionEvent): void {
    journal.push({ mark: mint(), event })
    for (const socket of watching.keys()) tell(socket, journal.length)
  }

  function take(socket: PairedSocket, frame: ClientFrame): void {
    if (frame.type === 'hello') say(socket, welcome())
    if (frame.type === 'attach') {
      const { id, session, cursor } = frame
      const head = journal.length
      const asked = cursor === undefined ? undefined : parseCursor(cursor)
      watching.set(socket, id)
      if (asked && markAt(asked.seq) === asked.mark) {
        say(socket, { type: 'attached', id, session, head, resumed: true })
        for (let seq = asked.seq + 1; seq <= head; seq++) tell(socket, seq)
      } else {
        const snapshot = { cursor: formatCursor(markAt(head) ?? '', head), more: false, transcript: fold() }
        say(socket, { type: 'attached', id, session, head, resumed: false, reason: asked ? 'mark_mismatch' : 'no_cursor', snapshot })
      }
    }
    if (frame.type === 'send') {
      const isKnown = journal.some(({ event }) => event.type === 'RUN_STARTED' && event.runId === `run-${frame.id}`)
      if (!isKnown) {
        append(runStarted(`run-${frame.id}`, { id: frame.id, content: 'hi' }))
        append(runFinished(`run-${frame.id}`))
      }
      say(socket, { type: 'accepted', id: frame.id, result: { run: `run-${frame.id}` } })
    }
  }

  return {
    append,
    fold,
    started: () => journal.flatMap(({ event }) => (event.type === 'RUN_STARTED' ? [event.runId] : [])),
    /** Restored from an old backup: other marks, and fewer events. */
    loseJournal: () => {
      birth = mint()
      journal = journal.slice(0, Math.floor(journal.length / 2)).map(({ event }) => ({ mark: mint(), event }))
    },
    accept: (socket: PairedSocket) => {
      socket.on('message', (data: Buffer) => take(socket, JSON.parse(data.toString()) as ClientFrame))
      socket.on('close', () => watching.delete(socket))
    },
  }
}

/** A page. What is not closed, but only never heard of again, crashed. */
function openPage(server: ReturnType<typeof plainServer>, storage: KeyValueStorage) {
  const clock = testClock()
  const wake = stagedWake()
  let wire: Wire | undefined
  const client = connect('http://plain.test', {
    WebSocket: webSocketTo((socket, through) => {
      wire = through
      server.accept(socket)
    }),
    now: clock.now,
    timers: clock.timers,
    wake,
    fetch: () => Promise.reject(new TypeError('this server has no HTTP')),
    storage,
    user: 'ann',
  })
  const session: Session = client.session('s')
  return { clock, wake, session, cut: () => wire?.cut(), hole: () => wire?.blackHole() }
}

const seen = ({ messages, runs, custom }: Pick<SessionState, 'messages' | 'runs' | 'custom'>) => ({ messages, runs, custom })

const DEEDS = ['append', 'append', 'send', 'cut', 'hole', 'hidden', 'reload', 'soon', 'later', 'lose'] as const

test('whatever is saved, cut and reloaded in two tabs, each replica comes to equal the fold, and what was typed is there once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...DEEDS), fc.nat(1)), { minLength: 5, maxLength: 25 }), async (deeds) => {
      const server = plainServer()
      const storage = memoryStorage()
      const pages = [openPage(server, storage), openPage(server, storage)]
      const typed: string[] = []
      let hasLost = false
      let notes = 0
      for (const [deed, which] of deeds) {
        const page = pages[which] ?? openPage(server, storage)
        if (deed === 'append') server.append(note((notes += 1)))
        if (deed === 'send') {
          const id = `t${typed.length}`
          typed.push(id)
          page.session.send('hi', { id }).catch(() => undefined)
        }
        if (deed === 'cut') page.cut()
        if (deed === 'hole') page.hole()
        if (deed === 'hidden') page.wake.signal('hidden')
        if (deed === 'soon') await page.clock.advance(1_500)
        if (deed === 'later') await page.clock.advance(300_000)
        if (deed === 'lose') {
          server.loseJournal()
          hasLost = true
          for (const one of pages) one.cut()
        }
        await page.clock.settle()
        if (deed === 'reload') {
          page.cut()
          pages[which] = openPage(server, storage)
        }
      }
      const isLevel = () => pages.every(({ session }) => isDeepStrictEqual(seen(session.state), seen(server.fold())))
      for (let round = 0; round < 20 && !(round > 0 && isLevel()); round++) for (const { clock } of pages) await clock.advance(30_000)
      for (const { session } of pages) expect(seen(session.state)).toEqual(seen(server.fold()))
      if (!hasLost) expect(server.started().toSorted()).toEqual(typed.map((id) => `run-${id}`).toSorted())
      const next = openPage(server, storage)
      await next.clock.advance(5_000)
      expect(seen(next.session.state)).toEqual(seen(server.fold()))
    }),
    { numRuns: 12, endOnFailure: true },
  )
}, 30_000)
