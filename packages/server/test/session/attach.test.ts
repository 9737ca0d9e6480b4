import { formatCursor } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { hosting, said, until } from './hosting.ts'

const isIdle = (status: string) => status === 'idle'

async function afterOneRun() {
  const hosted = await hosting()
  const viewer = await hosted.attach()
  await hosted.send('hi')
  const run = await hosted.led.call(1)
  run.say(...said('t1', 'hel', 'lo'))
  run.end()
  await until(hosted.status, isIdle)
  const last = viewer.batches().at(-1)
  if (last === undefined) throw new Error('nothing was sent')
  return { ...hosted, viewer, last, cursor: formatCursor(last.mark, last.to) }
}

describe('attach', () => {
  test('without a cursor gets a snapshot, and the tail after it', async () => {
    const { attach, viewer } = await afterOneRun()
    const fresh = await attach()
    expect(fresh.attached()).toMatchObject([{ resumed: false, reason: 'no_cursor', snapshot: { more: false } }])
    expect(fresh.transcript()).toEqual(viewer.transcript())
  })

  test('even an empty session has a cursor, and resumes from it', async () => {
    const { attach, send } = await hosting()
    const fresh = await attach()
    const [attached] = fresh.attached()
    if (attached?.resumed !== false) throw new Error('it resumed')
    await send('hi')
    const back = await attach(attached.snapshot.cursor)
    expect(back.attached()).toMatchObject([{ resumed: true, head: 1 }])
    expect(back.events()).toHaveLength(1)
  })

  test('at the head resumes, and is sent nothing again', async () => {
    const { attach, cursor, last } = await afterOneRun()
    const back = await attach(cursor)
    expect(back.attached()).toMatchObject([{ resumed: true, head: last.to }])
    expect(back.batches()).toEqual([])
  })

  test('from an earlier batch gets exactly what came after it', async () => {
    const { attach, viewer } = await afterOneRun()
    const [first] = viewer.batches()
    const back = await attach(formatCursor(first?.mark ?? '', first?.to ?? 0))
    expect(back.attached()).toMatchObject([{ resumed: true }])
    expect(back.batches()[0]?.from).toBe((first?.to ?? 0) + 1)
    expect(back.batches().at(-1)?.to).toBe(viewer.batches().at(-1)?.to)
  })

  test.each([
    [
      'a mark of another journal',
      (mark: string, to: number) => formatCursor(`${mark.slice(0, 9)}!`.replace('!', mark.endsWith('x') ? 'y' : 'x'), to),
      'mark_mismatch',
    ],
    ['a seq beyond the head', (mark: string, to: number) => formatCursor(mark, to + 1), 'cursor_ahead'],
    ['a seq where no batch ends', (mark: string, to: number) => formatCursor(mark, to - 1), 'mark_mismatch'],
    ['what is no cursor', () => '../secrets', 'cursor_invalid'],
  ])('with %s gets a snapshot and the reason', async (_what, cursorOf, reason) => {
    const { attach, last, viewer } = await afterOneRun()
    const back = await attach(cursorOf(last.mark, last.to))
    expect(back.attached()).toMatchObject([{ resumed: false, reason }])
    expect(back.transcript()).toEqual(viewer.transcript())
  })

  test('with the cursor of another session reveals nothing and resets', async () => {
    const { host, cursor } = await afterOneRun()
    const { session } = await host.create('alice', { key: 'two' })
    const { viewing } = await import('./hosting.ts')
    const viewer = viewing()
    await host.attach('alice', { type: 'attach', id: 'a', session: session.id, cursor }, viewer.link)
    expect(viewer.attached()).toMatchObject([{ resumed: false, reason: 'cursor_ahead', head: 0 }])
  })

  test('to somebody else’s session is refused like one that does not exist', async () => {
    const { host, session } = await hosting()
    const { viewing } = await import('./hosting.ts')
    const foreign = host.attach('mallory', { type: 'attach', id: 'a', session }, viewing().link)
    await expect(foreign).rejects.toMatchObject({ code: 'session_not_found' })
    const unknown = host.attach('mallory', { type: 'attach', id: 'a', session: 'ses_nothing' }, viewing().link)
    await expect(unknown).rejects.toMatchObject({ code: 'session_not_found' })
  })

  test('in the middle of a run gets all so far, then the rest, without loss and without doubles', async () => {
    const { attach, send, led } = await hosting()
    const first = await attach()
    await send('hi')
    const run = await led.call(1)
    run.say({ type: 'TEXT_MESSAGE_START', messageId: 't1' }, { type: 'TEXT_MESSAGE_CONTENT', messageId: 't1', delta: 'hel' })
    await until(
      () => first.events().length,
      (count) => count === 3,
    )
    const second = await attach()
    run.say({ type: 'TEXT_MESSAGE_CONTENT', messageId: 't1', delta: 'lo' }, { type: 'TEXT_MESSAGE_END', messageId: 't1' })
    run.end()
    await until(
      () => second.transcript().runs.at(-1)?.state.status,
      (status) => status === 'success',
    )
    expect(second.transcript()).toEqual(first.transcript())
  })

  test('to a session that was let go of from memory is the same', async () => {
    const { host, store, session, viewer, cursor } = await afterOneRun()
    await host.close()
    const { Host } = await import('../../src/session/host.ts')
    const { ledAgent, viewing } = await import('./hosting.ts')
    const again = new Host({ store, agents: [ledAgent().agent] })
    await again.start()
    const resumed = viewing()
    await again.attach('alice', { type: 'attach', id: 'a', session, cursor }, resumed.link)
    expect(resumed.attached()).toMatchObject([{ resumed: true }])
    const fresh = viewing()
    await again.attach('alice', { type: 'attach', id: 'a', session }, fresh.link)
    expect(fresh.transcript()).toEqual(viewer.transcript())
  })

  test('all viewers get the same events', async () => {
    const { attach, send, led } = await hosting()
    const viewers = [await attach(), await attach(), await attach()]
    await send('hi')
    const run = await led.call(1)
    run.say(...said('t1', 'a', 'b', 'c'))
    run.end()
    await until(
      () => viewers.map((viewer) => viewer.events().at(-1)?.type),
      (types) => types.every((type) => type === 'RUN_FINISHED'),
    )
    expect(viewers[1]?.frames.slice(1)).toEqual(viewers[0]?.frames.slice(1))
    expect(viewers[2]?.frames.slice(1)).toEqual(viewers[0]?.frames.slice(1))
  })
})
