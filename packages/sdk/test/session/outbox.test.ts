import { expect, test } from 'vitest'
import { SessionError } from '../../src/errors.ts'
import type { LogEntry } from '../../src/log.ts'
import type { CommandFrame } from '../../src/protocol/index.ts'
import { Outbox } from '../../src/session/outbox.ts'
import { BLANK_REPLICA } from '../../src/session/replica.ts'
import { testClock } from '../../src/testing/index.ts'

function open() {
  const clock = testClock()
  const sent: string[] = []
  const log: LogEntry[] = []
  const attached = new Set<string>()
  const outbox = new Outbox({
    clock,
    log: () => (entry) => log.push(entry),
    send: (text) => sent.push((JSON.parse(text) as { id: string }).id),
    replica: (session) => (attached.has(session) ? BLANK_REPLICA : undefined),
  })
  return { outbox, clock, sent, log, attached }
}

const send = (id: string, session = 's'): CommandFrame => ({ type: 'send', id, session, message: { id, role: 'user', content: id } })
const accepted = (id: string) => ({ type: 'accepted', id, result: { run: `run-${id}` } }) as const
const refused = (id: string, retryMs?: number) =>
  ({ type: 'refused', id, code: 'busy', message: 'a run is under way', ...(retryMs !== undefined && { retryMs }) }) as const

test('a command goes out at once where its session is attached', () => {
  const { outbox, sent, attached } = open()
  attached.add('s')
  void outbox.add(send('a'))
  expect(sent).toEqual(['a'])
})

test('a command waits until its session is attached', () => {
  const { outbox, sent, attached } = open()
  void outbox.add(send('a'))
  expect(sent).toEqual([])
  attached.add('s')
  outbox.resume('s')
  expect(sent).toEqual(['a'])
})

test('over the next link, what is unsettled goes again, in order, under the same ids', () => {
  const { outbox, sent, log, attached } = open()
  attached.add('s')
  for (const id of ['a', 'b', 'c']) void outbox.add(send(id))
  outbox.accept(accepted('b'))
  outbox.unlinked()
  outbox.resume('s')
  expect(sent).toEqual(['a', 'b', 'c', 'a', 'c'])
  expect(log.map(({ type }) => type)).toEqual(['send', 'send', 'send', 'settled', 'resend', 'resend'])
})

test('what is on its way goes no second time over the same link, however often its session is attached on it', () => {
  const { outbox, sent, attached } = open()
  attached.add('s')
  void outbox.add(send('a'))
  outbox.resume('s')
  outbox.fail(new SessionError('superseded', 'another tab has it'), 's')
  void outbox.add(send('b'))
  outbox.resume('s')
  expect(sent).toEqual(['a', 'b'])
})

test('one session being attached sends nothing of another', () => {
  const { outbox, sent, attached } = open()
  void outbox.add(send('a', 'one'))
  void outbox.add(send('b', 'two'))
  attached.add('one').add('two')
  outbox.resume('two')
  expect(sent).toEqual(['b'])
})

test('what is sent again is what was sent before, whatever became of the object', () => {
  const texts: string[] = []
  const frame = { type: 'send', id: 'a', session: 's', message: { id: 'a', role: 'user', content: 'first' } } as const
  const outbox = new Outbox({
    clock: testClock(),
    log: () => undefined,
    send: (text) => texts.push(text),
    replica: () => BLANK_REPLICA,
  })
  void outbox.add(frame)
  Object.assign(frame.message, { content: 'changed' })
  outbox.unlinked()
  outbox.resume('s')
  expect(texts[1]).toBe(texts[0])
})

test('an id that waits already is refused, and the first one still settles', async () => {
  const { outbox } = open()
  const first = outbox.add(send('a'))
  expect(() => outbox.add(send('a', 'other'))).toThrow(expect.objectContaining({ code: 'id_conflict' }))
  outbox.accept(accepted('a'))
  await expect(first).resolves.toEqual({ run: 'run-a' })
})

test('an id that is settled may be used again', () => {
  const { outbox } = open()
  void outbox.add(send('a'))
  outbox.accept(accepted('a'))
  expect(() => void outbox.add(send('a'))).not.toThrow()
})

test('accepted settles a command with its result', async () => {
  const { outbox } = open()
  const settled = outbox.add(send('a'))
  outbox.accept(accepted('a'))
  await expect(settled).resolves.toEqual({ run: 'run-a' })
})

test('refused settles a command with the reason', async () => {
  const { outbox } = open()
  const settled = outbox.add(send('a'))
  expect(outbox.refuse(refused('a'))).toBe(true)
  await expect(settled).rejects.toMatchObject({ name: 'SessionError', code: 'busy', message: 'a run is under way' })
})

test('an answer to what was never asked is ignored', () => {
  const { outbox, log } = open()
  outbox.accept(accepted('x'))
  expect(outbox.refuse(refused('x'))).toBe(false)
  expect(outbox.refuse({ type: 'refused', code: 'invalid', message: 'no id' })).toBe(false)
  expect(log).toEqual([])
})

test('its own event in the journal settles a command, and nothing settles it twice', async () => {
  const { outbox, log } = open()
  const settled = outbox.add(send('a'))
  outbox.observe('s', 'a', { run: 'seen' })
  outbox.accept(accepted('a'))
  await expect(settled).resolves.toEqual({ run: 'seen' })
  expect(log).toEqual([{ type: 'settled', id: 'a', by: 'event' }])
})

test('an event of another session settles nothing', () => {
  const { outbox, log } = open()
  void outbox.add(send('a'))
  outbox.observe('other', 'a', { run: 'r' })
  expect(log).toEqual([])
})

test('what is refused with retryMs waits, and then goes again; what is on its way is not', async () => {
  const { outbox, clock, sent, attached } = open()
  attached.add('s')
  for (const id of ['a', 'b', 'c']) void outbox.add(send(id))
  outbox.refuse(refused('b', 1_000))
  await clock.advance(999)
  expect(sent).toEqual(['a', 'b', 'c'])
  await clock.advance(1)
  expect(sent).toEqual(['a', 'b', 'c', 'b'])
})

test('while it waits after a refusal, what is added waits behind it', async () => {
  const { outbox, clock, sent, attached } = open()
  attached.add('s')
  void outbox.add(send('a'))
  outbox.refuse(refused('a', 1_000))
  void outbox.add(send('b'))
  outbox.resume('s')
  expect(sent).toEqual(['a'])
  await clock.advance(1_000)
  expect(sent).toEqual(['a', 'a', 'b'])
})

test('of several refusals, the last says when', async () => {
  const { outbox, clock, sent, attached } = open()
  attached.add('s')
  for (const id of ['a', 'b', 'c']) void outbox.add(send(id))
  outbox.refuse(refused('a', 1_000))
  outbox.refuse(refused('b', 3_000))
  await clock.advance(2_999)
  expect(sent).toEqual(['a', 'b', 'c'])
  await clock.advance(1)
  expect(sent).toEqual(['a', 'b', 'c', 'a', 'b'])
})

test('after a wait also what was sent over an earlier link goes again', async () => {
  const { outbox, clock, sent, attached } = open()
  attached.add('s')
  for (const id of ['a', 'b']) void outbox.add(send(id))
  outbox.refuse(refused('b', 1_000))
  outbox.unlinked()
  outbox.resume('s')
  expect(sent).toEqual(['a', 'b'])
  await clock.advance(1_000)
  expect(sent).toEqual(['a', 'b', 'a', 'b'])
})

test('what was settled while it waited is not sent again, but what follows it is', async () => {
  const { outbox, clock, sent, attached } = open()
  attached.add('s')
  void outbox.add(send('a'))
  outbox.refuse(refused('a', 1_000))
  void outbox.add(send('b'))
  outbox.observe('s', 'a', { run: 'r' })
  await clock.advance(1_000)
  expect(sent).toEqual(['a', 'b'])
})

test('a session that is gone for good rejects everything of it, and leaves no timer', async () => {
  const { outbox, clock, attached } = open()
  attached.add('s')
  const one = outbox.add(send('a'))
  const other = outbox.add(send('b', 'other'))
  outbox.refuse(refused('a', 1_000))
  outbox.fail(new SessionError('session_not_found', 'gone'), 's')
  await expect(one).rejects.toMatchObject({ code: 'session_not_found' })
  expect(clock.pending).toBe(0)
  outbox.accept(accepted('b'))
  await expect(other).resolves.toEqual({ run: 'run-b' })
})

test('dismissing without a session rejects all', async () => {
  const { outbox, clock } = open()
  const all = [outbox.add(send('a')), outbox.add(send('b', 'other'))]
  outbox.refuse(refused('b', 1_000))
  outbox.dismiss(new SessionError('closed', 'closed'))
  for (const one of all) await expect(one).rejects.toMatchObject({ code: 'closed' })
  expect(clock.pending).toBe(0)
})

test('what an earlier page gave goes before what was given here, in its order', () => {
  const { outbox, sent, attached } = open()
  void outbox.add(send('c'))
  outbox.restore(['a', 'b'].map((id, order) => ({ frame: send(id), at: 1_700_000_000_000, order })))
  attached.add('s')
  outbox.resume('s')
  expect(sent).toEqual(['a', 'b', 'c'])
})

test('what waits here already is not taken a second time', async () => {
  const { outbox } = open()
  const settled = outbox.add(send('a'))
  outbox.restore([{ frame: send('a'), at: 1_700_000_000_000, order: 1 }])
  expect(outbox.restored('s')).toEqual([])
  outbox.accept(accepted('a'))
  await expect(settled).resolves.toEqual({ run: 'run-a' })
})

test('dismissing leaves what an earlier page gave', async () => {
  const { outbox } = open()
  const given = outbox.add(send('a'))
  outbox.restore([{ frame: send('b'), at: 1_700_000_000_000, order: 1 }])
  const [restored] = outbox.restored('s')
  outbox.dismiss(new SessionError('closed', 'closed'))
  await expect(given).rejects.toMatchObject({ code: 'closed' })
  expect(outbox.isEmpty()).toBe(false)
  outbox.accept(accepted('b'))
  await expect(restored?.settled).resolves.toEqual({ run: 'run-b' })
})
