// @vitest-environment happy-dom
import { act, createElement as h, StrictMode, type FunctionComponent } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useSession } from '../../../src/adapters/react/index.ts'
import { LINGER_MS } from '../../../src/adapters/react/shared-sessions.ts'
import type { Client, Session, SessionState } from '../../../src/index.ts'
import type { SessionEvent } from '../../../src/protocol/index.ts'
import { batch, runFinished, runStarted, setSession, setStage, setTwoSessions, snapshot, type StagedLink } from '../../stage.ts'
import { countedListeners, mount } from './mounted.ts'

// React tells of what it dislikes, such as an update of one component in the render of another, on the console.
const complaints = vi.spyOn(console, 'error')
beforeEach(() => void complaints.mockClear())
afterEach(() => expect(complaints.mock.calls).toEqual([]))

const textsOf = ({ messages }: SessionState) =>
  messages.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).join(' | ')

const answerStart: SessionEvent[] = [
  runStarted('r1', { id: 'u1', content: 'Hi' }),
  { type: 'TEXT_MESSAGE_START', messageId: 'a1', role: 'assistant' },
]
const token = (delta: string): SessionEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a1', delta })

const says = (link: StagedLink, ...frames: Parameters<StagedLink['says']>) => act(() => link.says(...frames))
const countOf = ({ heard }: StagedLink, type: string) => heard.filter((frame) => frame.type === type).length

function Transcript({ client, id }: { client: Client; id: string | undefined }) {
  return textsOf(useSession(client, id))
}

/** A page that shows the session `s`, which has the text "Hi" and the beginning of an answer. */
async function setPage() {
  const stage = setStage()
  const page = await mount(Transcript, { client: stage.client, id: 's' })
  const link = await act(() => stage.welcomed())
  const { id } = await link.hears('attach')
  await says(link, snapshot(id, 's', 0), batch('s', 2, answerStart), batch('s', 3, [token('Hel')]))
  return { ...stage, ...page, link }
}

test('a component follows the session that it shows', async () => {
  const { text, link } = await setPage()
  expect(text()).toBe('Hi | Hel')
  await says(link, batch('s', 4, [token('lo')]))
  expect(text()).toBe('Hi | Hello')
})

test('until it is known, and where there is no id, a session is blank and has not caught up', async () => {
  const seen: SessionState[] = []
  const Seen: FunctionComponent<{ client: Client; id: string | undefined }> = ({ client, id }) => void seen.push(useSession(client, id))
  const stage = setStage()
  const { render } = await mount<{ client: Client; id: string | undefined }>(Seen, { client: stage.client, id: undefined })
  await stage.clock.advance(1)
  expect(stage.links).toHaveLength(0)
  await render({ client: stage.client, id: 's' })
  expect(seen.at(-1)).toMatchObject({ status: 'idle', messages: [], caughtUp: false })
})

test('StrictMode, which mounts everything twice, attaches once and detaches nothing', async () => {
  const stage = setStage()
  const Strict = (props: { client: Client; id: string }) => h(StrictMode, null, h(Transcript, props))
  const { text } = await mount(Strict, { client: stage.client, id: 's' })
  const link = await act(() => stage.welcomed())
  const { id } = await link.hears('attach')
  await says(link, snapshot(id, 's', 0), batch('s', 2, answerStart))
  expect(text()).toBe('Hi | ')
  expect([countOf(link, 'attach'), countOf(link, 'detach'), stage.links.length]).toEqual([1, 0, 1])
})

test('rendering again neither dials nor attaches nor adds a listener', async () => {
  const { client, link, links, render } = await setPage()
  const listeners = countedListeners(client.session('s'))
  for (let count = 0; count < 20; count++) await render({ client, id: 's' })
  expect([links.length, countOf(link, 'attach'), countOf(link, 'detach'), listeners()]).toEqual([1, 1, 0, 0])
})

test('a component renders again only when what it selects has changed, whatever function selects it', async () => {
  const { client, link, session } = await setSession()
  await link.says(batch('s', 2, answerStart))
  const renders = { status: 0, ids: 0, pair: 0 }
  const Status = () => {
    renders.status++
    return useSession(client, 's', (state) => state.status)
  }
  const Ids = () => {
    renders.ids++
    return useSession(client, 's', ({ messages }) => messages.map(({ id }) => id)).join()
  }
  const Pair = () => {
    renders.pair++
    return JSON.stringify(useSession(session, ({ status, caughtUp }) => ({ status, caughtUp })))
  }
  const { text } = await mount(() => [h(Status, { key: 1 }), h(Ids, { key: 2 }), h(Pair, { key: 3 })], {})
  const before = { ...renders }
  for (let seq = 3; seq <= 52; seq++) await says(link, batch('s', seq, [token('x')]))
  expect(renders).toEqual(before)

  await says(link, batch('s', 54, [{ type: 'TEXT_MESSAGE_END', messageId: 'a1' }, runFinished('r1')]))
  expect(text()).toBe('idleu1,r1{"status":"idle","caughtUp":true}')
  expect(renders).toEqual({ status: before.status + 1, ids: before.ids, pair: before.pair + 1 })
})

test('what a component selects keeps its identity over renders of its own', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 2, answerStart))
  const seen = new Set<readonly string[]>()
  const Ids = (_: { round: number }) => void seen.add(useSession(session, ({ messages }) => messages.map(({ id }) => id)))
  const { render } = await mount(Ids, { round: 0 })
  for (let round = 1; round < 5; round++) await render({ round })
  await says(link, batch('s', 3, [token('Hel')]))
  expect(seen.size).toBe(1)
})

test('an app may say itself when a selection is the same', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 2, answerStart))
  let renders = 0
  const Long = () => {
    renders++
    return textsOf(
      useSession(
        session,
        (state) => state,
        (one, other) => textsOf(one).length >> 3 === textsOf(other).length >> 3,
      ),
    )
  }
  await mount(Long, {})
  const before = renders
  await says(link, batch('s', 3, [token('x')]))
  expect(renders).toBe(before)
  await says(link, batch('s', 4, [token('xxxxxxxxx')]))
  expect(renders).toBe(before + 1)
})

test('many batches of one turn render once', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 2, answerStart))
  let renders = 0
  const Counted = () => {
    renders++
    return textsOf(useSession(session))
  }
  const { text } = await mount(Counted, {})
  const before = renders
  await says(link, ...Array.from({ length: 100 }, (_, index) => batch('s', 3 + index, [token('x')])))
  expect(text()).toBe(`Hi | ${'x'.repeat(100)}`)
  expect(renders).toBe(before + 1)
})

test('another id never shows the content of the one before, and on the way back the last state is there at once', async () => {
  const stage = await setTwoSessions()
  await stage.link.says(batch('t', 1, [runStarted('r2', { id: 'u2', content: 'other' })]))
  const seen: string[] = []
  const Seen = ({ id }: { id: string }) => {
    const text = textsOf(useSession(stage.client, id))
    seen.push(`${id}: ${text}`)
    return text
  }
  const { render, text } = await mount(Seen, { id: 't' })
  expect(text()).toBe('other')
  await render({ id: 's' })
  expect(text()).toBe('')
  await says(stage.link, batch('s', 4, [runStarted('r1', { id: 'u1', content: 'Hi' })]))
  seen.length = 0
  await render({ id: 't' })
  await render({ id: 's' })
  expect([...new Set(seen)]).toEqual(['t: other', 's: Hi'])
})

test('components of one session share it, and the last to go leaves no listener behind', async () => {
  const { client, link } = await setSession()
  const listeners = countedListeners(client.session('s'))
  const First = () => textsOf(useSession(client, 's'))
  const Second = () => useSession(client, 's', ({ status }) => status)
  const Both = ({ second }: { second: boolean }) => [h(First, { key: 1 }), second ? h(Second, { key: 2 }) : null]
  const { render, unmount } = await mount(Both, { second: true })
  expect(listeners()).toBe(2)
  await render({ second: false })
  expect(listeners()).toBe(1)
  await unmount()
  expect(listeners()).toBe(0)
  expect([countOf(link, 'attach'), countOf(link, 'detach')]).toEqual([1, 0])
})

test('a session that is shown again soon was followed all the while', async () => {
  const { client, link, unmount } = await setPage()
  await unmount()
  await link.says(batch('s', 4, [token('lo')]))
  const { text } = await mount(Transcript, { client, id: 's' })
  expect(text()).toBe('Hi | Hello')
  expect([countOf(link, 'attach'), countOf(link, 'detach')]).toEqual([1, 0])
})

test.each(['by its id', 'as the session itself'])(
  'a session that is shown %s stays attached, and is let go of a while after',
  async (by) => {
    const { client, session, link, clock } = await setSession()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      // The one makes it a session that may be let go of, the other is what is looked at.
      const first = await mount(Transcript, { client, id: 's' })
      const { unmount } = by === 'by its id' ? first : await mount(() => textsOf(useSession(session)), {})
      if (by !== 'by its id') await first.unmount()
      vi.advanceTimersByTime(2 * LINGER_MS)
      expect(session.state.failure).toBe(undefined)
      await unmount()
      vi.advanceTimersByTime(LINGER_MS)
    } finally {
      vi.useRealTimers()
    }
    await clock.settle()
    expect([session.state.failure?.code, countOf(link, 'detach')]).toEqual(['closed', 1])
  },
)

test('a thousand mounts and unmounts leave no listener', async () => {
  const { client, session } = await setSession()
  const counts = [countedListeners(client), countedListeners(session)]
  for (let round = 0; round < 1000; round++) await (await mount(Transcript, { client, id: 's' })).unmount()
  expect(counts.map((count) => count())).toEqual([0, 0])
})

test('a session that the app follows is there in the first render, and follows another one when it is given one', async () => {
  const { s, t, link } = await setTwoSessions()
  await link.says(batch('s', 4, [runStarted('r1', { id: 'u1', content: 'Hi' })]))
  await link.says(batch('t', 1, [runStarted('r2', { id: 'u2', content: 'other' })]))
  const seen: string[] = []
  const Seen = ({ session }: { session: Session }) => void seen.push(textsOf(useSession(session)))
  const { render } = await mount(Seen, { session: s })
  await render({ session: t })
  expect(seen).toEqual(['Hi', 'other'])
  await says(link, batch('t', 2, [runStarted('r3', { id: 'u3', content: 'more' })]))
  await says(link, batch('s', 5))
  expect(seen).toEqual(['Hi', 'other', 'other | more'])
})

test('a component that was given a session leaves no listener behind either', async () => {
  const { session } = await setSession()
  const listeners = countedListeners(session)
  const { unmount } = await mount(() => textsOf(useSession(session)), {})
  expect(listeners()).toBe(1)
  await unmount()
  expect(listeners()).toBe(0)
})

test('another selector, and another way to compare, take effect at once', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 2, answerStart))
  const never = () => true
  const Field = ({ name, isEqual }: { name: 'status' | 'caughtUp'; isEqual?: () => boolean }) =>
    String(useSession<unknown>(session, (state) => state[name], isEqual))
  const { render, text } = await mount(Field, { name: 'status' })
  await render({ name: 'caughtUp' })
  expect(text()).toBe('true')
  await render({ name: 'status', isEqual: never })
  expect(text()).toBe('true')
})

test('another way to compare takes effect with the same selector, too', async () => {
  const { session, link } = await setSession()
  const statusOf = ({ status }: SessionState) => status
  const Status = ({ isEqual }: { isEqual: () => boolean }) => useSession(session, statusOf, isEqual)
  const { render, text } = await mount<{ isEqual: () => boolean }>(Status, { isEqual: () => true })
  await says(link, batch('s', 2, answerStart))
  expect(text()).toBe('idle')
  await render({ isEqual: () => false })
  expect(text()).toBe('running')
})

test('a selector that makes something new each time, which never counts as the same, renders once a change', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 2, answerStart))
  let renders = 0
  const Nested = () => {
    renders++
    return textsOf({ ...session.state, messages: useSession(session, ({ messages }) => messages.map((message) => ({ ...message }))) })
  }
  const { text } = await mount(Nested, {})
  await says(link, batch('s', 3, [token('Hello')]))
  expect([text(), renders]).toEqual(['Hi | Hello', 2])
})

test('commands go to the session of the same id, and what is sent is shown at once', async () => {
  const { client, link, text } = await setPage()
  await act(async () => void client.session('s').send('More'))
  expect(text()).toBe('Hi | Hel | More')
  expect([countOf(link, 'attach'), countOf(link, 'send')]).toEqual([1, 1])
})

test('losing the link clears nothing', async () => {
  const { link, text } = await setPage()
  await act(async () => link.wire.cut())
  expect(text()).toBe('Hi | Hel')
})

test('a client that the app has closed shows blank sessions, and no error', async () => {
  const { client } = setStage()
  client.close()
  const { text } = await mount(Transcript, { client, id: 's' })
  expect(text()).toBe('')
})

test('a session that the app follows already is not blank in its first frame', async () => {
  const { client, link } = await setSession()
  await link.says(batch('s', 2, answerStart))
  const seen: string[] = []
  const Seen = () => void seen.push(textsOf(useSession(client, 's')))
  await mount(Seen, {})
  expect(seen[0]).toBe('Hi | ')
})

test('a component that is mounted while the app closes its client shows that', async () => {
  const { client } = await setSession()
  const { text } = await mount(() => useSession(client, 's').failure?.code ?? 'none', {})
  expect(text()).toBe('none')
  await act(async () => client.close())
  expect(text()).toBe('closed')
})
