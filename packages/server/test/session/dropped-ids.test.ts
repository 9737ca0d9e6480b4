import type { Transcript } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { turn } from '../manual-timers.ts'
import { alteredStore } from './altered-store.ts'
import { gate } from './gate.ts'
import { hosting, said, until } from './hosting.ts'

const isIdle = (status: string) => status === 'idle'
const texts = ({ messages }: Transcript) =>
  messages.map(({ id, parts }) => [id, ...parts.map((part) => ('text' in part ? part.text : part.type))])

/** A session whose first message, m1, and its answer, t1, were dropped by an edit. */
async function edited() {
  const hosted = await hosting()
  const { send, led, status, attach } = hosted
  const viewer = await attach()
  await send('one')
  const first = await led.call(1)
  first.say(...said('t1', 'old'))
  first.end()
  await until(status, isIdle)
  await send('better', { replaces: 'm1' })
  const second = await led.call(2)
  return { ...hosted, viewer, second }
}

// Nothing remembers the ids that a rewind dropped but the commands that brought them, for seven days.
describe('an id that a rewind dropped', () => {
  test('is free for another message, and all see the same', async () => {
    const { host, session, status, second, led, viewer, attach } = await edited()
    second.end()
    await until(status, isIdle)
    await host.send(session, { id: 'm1', role: 'user', content: 'again' }, { by: 'bob' })
    ;(await led.call(3)).end()
    await until(status, isIdle)
    const seen = [
      ['m2', 'better'],
      ['m1', 'again'],
    ]
    expect(texts(viewer.transcript())).toEqual(seen)
    expect(texts((await attach()).transcript())).toEqual(seen)
    expect((await host.messages('alice', session, {})).messages.map(({ id }) => id)).toEqual(['m2', 'm1'])
  })

  test('is free for what an agent says', async () => {
    const { status, second, viewer, attach } = await edited()
    second.say(...said('t1', 'new'))
    second.end()
    await until(status, isIdle)
    const words = (transcript: Transcript) => texts(transcript).map(([, ...parts]) => parts)
    expect(words(viewer.transcript())).toEqual([['better'], ['new']])
    expect(words((await attach()).transcript())).toEqual([['better'], ['new']])
  })

  test('still names the command that brought it: the same again is answered as before, and begins nothing', async () => {
    const { command, status, second, led } = await edited()
    second.end()
    await until(status, isIdle)
    const again = await command({ type: 'send', id: 'm1', message: { id: 'm1', role: 'user', content: 'one' } })
    expect(again).toEqual({ run: led.runs[0]?.given.runId })
    expect(led.runs).toHaveLength(2)
  })

  test('is no message that could be replaced', async () => {
    const { send, status, second } = await edited()
    second.end()
    await until(status, isIdle)
    await expect(send('three', { replaces: 'm1' })).rejects.toMatchObject({ code: 'invalid' })
  })
})

test('an id before one that a rewind dropped stays taken, also where that was older than what is in memory', async () => {
  const looking = gate()
  const looks: string[] = []
  const times = (message: string) => looks.filter((id) => id === message).length
  const store = alteredStore(createMemoryStore(), (memory) => ({
    ordinalOf: async (id, message) => {
      looks.push(message)
      // First when it was sent, then when it is replaced; the third finds where the conversation ends now.
      if (message === 'm3' && times('m3') > 2) await looking.opened
      return memory.ordinalOf(id, message)
    },
  }))
  const { host, session, send, led, status } = await hosting({ store })
  for (let turns = 1; turns <= 12; turns += 1) {
    await send('x'.repeat(120_000))
    ;(await led.call(turns)).end()
    await until(status, isIdle)
    await host.messages('alice', session, {})
  }
  const { snapshot } = await host.read('alice', session)
  expect(snapshot.transcript.messages.map(({ id }) => id)).not.toContain('m3')
  const edit = send('better', { replaces: 'm3' })
  await until(
    () => times('m3'),
    (count) => count === 3,
  )
  const taken = expect(host.send(session, { id: 'm1', role: 'user', content: 'again' })).rejects.toMatchObject({ code: 'id_taken' })
  await until(
    () => times('m1'),
    (count) => count === 2,
  )
  await turn()
  looking.open()
  await Promise.all([edit, taken])
})
