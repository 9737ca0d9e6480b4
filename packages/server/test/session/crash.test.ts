import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/contract.ts'
import { Host } from '../../src/session/host.ts'
import { hosting, ledAgent, said, until, viewing } from './hosting.ts'

/** A host whose node dies in the middle of a run: what it stored is all that is left. */
async function died(options: { readonly resumes?: boolean; readonly queued?: boolean } = {}) {
  const led = ledAgent(options)
  const hosted = await hosting({ agents: [led.agent] })
  const viewer = await hosted.attach()
  await hosted.send('hi')
  const run = await led.call(1)
  run.say({ type: 'TEXT_MESSAGE_START', messageId: 't1' }, { type: 'TEXT_MESSAGE_CONTENT', messageId: 't1', delta: 'half an ans' })
  run.say({ type: 'TOOL_CALL_START', toolCallId: 'k1', toolCallName: 'search' })
  await until(
    () => viewer.events().length,
    (count) => count === 4,
  )
  if (options.queued === true) await hosted.send('next')
  return hosted
}

async function startAgain({ store, session, host: dead }: Awaited<ReturnType<typeof died>>, resumes = false) {
  // A dead node's lease runs out.
  await store.release(session, dead.node)
  const led = ledAgent({ resumes })
  const host = new Host({ store, agents: [led.agent] })
  await host.start()
  const viewer = viewing()
  await host.attach('alice', { type: 'attach', id: 'a', session }, viewer.link)
  return { host, led, viewer }
}

describe('after a crash in the middle of a run', () => {
  test('the run is marked interrupted, once, and keeps what it said', async () => {
    const dead = await died()
    const { viewer, host } = await startAgain(dead)
    const transcript = viewer.transcript()
    expect(transcript.runs.map(({ state }) => state)).toMatchObject([{ status: 'error', code: 'interrupted' }])
    expect(transcript.messages.at(-1)?.parts).toMatchObject([{ text: 'half an ans' }, { type: 'tool', status: 'interrupted' }])
    const { viewer: third } = await startAgain({ ...dead, host })
    expect(third.transcript()).toEqual(transcript)
  })

  test('what was open is closed before the end, as AG-UI wants it', async () => {
    const dead = await died()
    const before = (await dead.attach()).attached()[0]
    await startAgain(dead)
    const rows = await dead.store.read(dead.session, before?.head ?? 0, 1_000_000)
    const events = rows.flatMap(({ frame }) => (JSON.parse(frame.toString()) as { events: { type: string }[] }).events)
    expect(events.map(({ type }) => type)).toEqual(['TEXT_MESSAGE_END', 'TOOL_CALL_END', 'RUN_ERROR'])
  })

  test('a run that had ended is not marked', async () => {
    const { store, session, host, send, led, status } = await hosting()
    await send('hi')
    ;(await led.call(1)).end()
    await until(status, (now) => now === 'idle')
    const { head } = (await store.bounds(session)) ?? {}
    await store.release(session, host.node)
    const again = new Host({ store, agents: [ledAgent().agent] })
    await again.start()
    const { snapshot } = await again.read('alice', session)
    expect(snapshot.transcript.runs.map(({ state }) => state.status)).toEqual(['success'])
    expect((await store.bounds(session))?.head).toBe(head)
  })

  test('the node that died can write no more', async () => {
    const dead = await died()
    await startAgain(dead)
    const late = await dead.attach()
    dead.led.runs[0]?.say(...said('t2', 'late'))
    expect(late.transcript().messages.flatMap(({ parts }) => parts)).not.toContainEqual(expect.objectContaining({ text: 'late' }))
  })

  test('what waited goes on', async () => {
    const dead = await died({ queued: true })
    const { led } = await startAgain(dead)
    expect((await led.call(1)).given.messages.at(-1)).toMatchObject({ content: 'next' })
  })

  test('an agent that can take runs up is called anew, and the new run names the old', async () => {
    const dead = await died({ resumes: true })
    const { led, viewer } = await startAgain(dead, true)
    const call = await led.call(1)
    const [first, second] = viewer.transcript().runs
    expect(call.given.resume).toEqual({ kind: 'interrupted', run: first?.id })
    expect(second).toMatchObject({ resumes: first?.id, state: { status: 'running' } })
  })

  test('three times in a row at most', async () => {
    let dead = await died({ resumes: true })
    for (let n = 0; n < 3; n += 1) {
      const { led, host } = await startAgain(dead, true)
      await led.call(1)
      dead = { ...dead, host }
    }
    const { viewer, led } = await startAgain(dead, true)
    expect(viewer.transcript().runs.map(({ state }) => state.status)).toEqual(['error', 'error', 'error', 'error'])
    expect(led.runs).toEqual([])
  })
})

describe('a server that goes down', () => {
  test('marks runs that do not end within the grace, and refuses new work', async () => {
    const { host, store, session, send } = await died()
    await host.close({ graceMs: 10 })
    await expect(send('more')).rejects.toMatchObject({ code: 'unavailable' })
    const again = new Host({ store, agents: [ledAgent().agent] })
    await again.start()
    const { snapshot } = await again.read('alice', session)
    expect(snapshot.transcript.runs.at(-1)?.state).toMatchObject({ status: 'error', code: 'interrupted' })
  })

  test('lets runs end within the grace', async () => {
    const { host, store, session, send, led } = await hosting()
    await send('hi')
    const run = await led.call(1)
    const closed = host.close({ graceMs: 10_000 })
    run.say(...said('t1', 'done'))
    run.end()
    await closed
    const again = new Host({ store, agents: [ledAgent().agent] })
    await again.start()
    const { snapshot } = await again.read('alice', session)
    expect(snapshot.transcript.runs.at(-1)?.state.status).toBe('success')
  })

  test('does not wait for a person', async () => {
    const asking: Agent = {
      name: 'asking',
      async *run({ ask }) {
        await ask({ message: 'well?' })
      },
    }
    const { host, send, status } = await hosting({ agents: [asking] })
    await send('hi')
    await until(status, (now) => now === 'waiting')
    // A minute would be over this test's time.
    await expect(host.close({ graceMs: 60_000 })).resolves.toBeUndefined()
  })

  test('leaves what waits for its next start', async () => {
    const { host, store, send, led } = await hosting()
    await send('one')
    const run = await led.call(1)
    await send('two')
    const closed = host.close({ graceMs: 10_000 })
    run.end()
    await closed
    expect(led.runs).toHaveLength(1)
    const next = ledAgent()
    await new Host({ store, agents: [next.agent] }).start()
    expect((await next.call(1)).given.messages.at(-1)).toMatchObject({ content: 'two' })
  })
})
