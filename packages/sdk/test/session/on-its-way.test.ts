import { expect, test } from 'vitest'
import { memoryStorage } from '../../src/saved/index.ts'
import { nextPage, sends, typed } from '../earlier-page.ts'
import { heldReads } from '../held-storage.ts'
import { batch, reattached, resumed, setSession, setStage, snapshot, welcome } from '../stage.ts'
import { stagedHttp } from '../staged-http.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

/** A session over a stream that no proxy lets through before it ends, each answer with one more event. */
async function setWhole() {
  const http = stagedHttp()
  const stage = setStage({ accept: (link) => link.wire.cut(), fetch: http.fetch, token: async () => 'secret', storage: false })
  const session = stage.client.session('s')
  await stage.clock.advance(5_003)
  const at = (path: string) => http.requests.filter((request) => request.path.endsWith(path))
  let seq = 0
  const answer = async () => {
    const stream = at('/stream').at(-1)
    const attach = stream?.body.find(({ type }) => type === 'attach')
    if (!attach || !('id' in attach)) throw new Error('expected an attach')
    const { id } = attach
    seq += 1
    await stream?.saysWhole([welcome(), ...(seq === 1 ? [snapshot(id, 's', 1)] : [resumed(id, 's', seq), batch('s', seq)])])
    await stage.clock.advance(300)
  }
  await answer()
  return { ...stage, session, answer, posts: () => at('/frames') }
}

test('a command goes once over a link on which its session is attached anew', async () => {
  const { client, session, link } = await setSession({ storage: false }, 3)
  void session.send('hi', { id: 'a' })
  await link.hears('send')
  client.session('s', { exclusive: true })
  await link.says(resumed((await link.hears('attach')).id, 's', 3))
  expect(sends(link)).toEqual(['a'])
})

test('a command that a lost link did not answer goes again over the next one', async () => {
  const stage = await setSession({ storage: false }, 3)
  void stage.session.send('hi', { id: 'a' })
  await stage.link.hears('send')
  expect(sends(await reattached(stage, 3))).toEqual(['a'])
})

test('a command that is posted slowly is posted once, however many answers end meanwhile', async () => {
  const { session, clock, answer, posts } = await setWhole()
  const told = expect(session.send('hi', { id: 'a', whenBusy: 'refuse' })).rejects.toMatchObject({ code: 'busy' })
  await clock.settle()
  for (let times = 0; times < 4; times++) await answer()
  await posts()[0]?.answers(200, [{ type: 'refused', id: 'a', session: 's', code: 'busy', message: 'busy' }])
  await told
  await clock.settle()
  expect(posts()).toHaveLength(1)
})

test('a command of this page goes once where those of an earlier page are read while it is on its way', async () => {
  const storage = memoryStorage()
  await typed(storage, 'theirs')
  const held = heldReads(storage, '/command/theirs')
  const { client, clock, welcomed } = nextPage(held.storage)
  const session = client.session('s')
  const link = await welcomed()
  await clock.advance(301)
  await link.says(snapshot((await link.hears('attach')).id, 's', 0))
  void session.send('mine', { id: 'mine' })
  await clock.advance(301)
  expect(sends(link)).toEqual(['mine'])
  held.release()
  await clock.advance(301)
  expect(sends(link)).toEqual(['mine', 'theirs'])
})

test('a command goes once where a listener of the log gives another one as it goes', async () => {
  const { client, session, link } = await setSession({ storage: false })
  client.on('log', (entry) => {
    if (entry.type === 'send' && entry.id === 'a') void session.send('two', { id: 'b' })
  })
  void session.send('one', { id: 'a' })
  await link.hears('send')
  await link.hears('send')
  expect(sends(link)).toEqual(['a', 'b'])
})
