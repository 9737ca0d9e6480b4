import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { ClientFrame, HelloFrame, Transcript } from '@throughline/sdk/protocol'
import { applyEvents } from '@throughline/sdk/transcript'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { say } from '../../src/agent/builders.ts'
import type { AgentFunction } from '../../src/agent/contract.ts'
import { OPENING_BYTES, OPENING_FRAMES } from '../../src/http/opening.ts'
import { UNREAD_FRAMES } from '../../src/http/read-frame.ts'
import { BACKLOG_BYTES } from '../../src/journal/attach-verdict.ts'
import { MERGED_BYTES } from '../../src/journal/merge.ts'
import { SNAPSHOT_BYTES } from '../../src/journal/projection.ts'
import { EXECUTION_LIMITS } from '../../src/session/execution.ts'
import { RETENTION } from '../../src/session/sweep-verdict.ts'
import { ANN, serving } from './serving.ts'
import { openStream } from './streaming.ts'

const PAGE = readFileSync(new URL('../../../../PROTOCOL.md', import.meta.url), 'utf8')

/** The rows of the table that is marked so, the first cells as code. */
function rows(marker: string): readonly (readonly [name: string, value: string])[] {
  const [, table = ''] = new RegExp(`<!-- ${marker} -->\n\n((?:\\|.*\n)+)`).exec(PAGE) ?? []
  return [...table.matchAll(/^\| *`?([^`|]+?)`? *\| *([^|]*?) *\|/gm)].slice(2).map(([, name = '', value = '']) => [name, value] as const)
}

test('the routes of PROTOCOL.md are those that are served', async () => {
  const { app } = await serving()
  const { paths } = (await app.inject({ url: '/v1/openapi.json', headers: ANN })).json<{ readonly paths: Record<string, object> }>()
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/v1', '').replaceAll(/\{(\w+)\}/g, ':$1')}`),
  )
  // The document does not list itself.
  expect(
    rows('routes')
      .map(([route]) => route)
      .toSorted(),
  ).toEqual([...served, 'GET /openapi.json'].toSorted())
})

/** An example that is marked so, as the page has it. */
function example(marker: string): unknown {
  return JSON.parse(new RegExp(`^\`\`\`json ${marker}\n([^]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1] ?? '')
}

describe('where networks break WebSockets, the requests of PROTOCOL.md', () => {
  test('open a stream', async () => {
    const server = await serving()
    const [hello, ...asked] = example('http=opening') as readonly [HelloFrame, ...ClientFrame[]]
    const stream = await openStream(server, asked, { hello })
    expect(await stream.hear('welcome')).toMatchObject({ principal: 'ann' })
    expect([await stream.hear('refused'), await stream.hear('refused')]).toMatchObject([{ id: 'a-1' }, { id: 'a-2' }])
    await stream.hear('directory')
  })

  test('give commands, which are answered like the page says', async () => {
    const { app, host } = await serving()
    vi.spyOn(host, 'command').mockImplementation(async (_principal, { type }) =>
      type === 'send' ? { run: 'run_3' } : { stopped: false, reason: 'not_running' },
    )
    const payload = example('http=commands') as object[]
    const answer = await app.inject({ method: 'POST', url: '/v1/frames', headers: ANN, payload })
    expect(answer.json()).toEqual(example('http=answers'))
  })

  test('are limited as the page says', () => {
    expect(rows('limits')).toEqual(
      expect.arrayContaining([
        ['before welcome', `${OPENING_FRAMES} frames and ${OPENING_BYTES / 1024} KiB`],
        ['POST /frames', `${OPENING_FRAMES} frames and ${UNREAD_FRAMES} · \`frameBytes\``],
      ]),
    )
  })
})

describe('the numbers of PROTOCOL.md are those of the server:', () => {
  const limits = new Map(rows('limits'))
  const KIB = 1024
  const HOUR_MS = 60 * 60 * 1000

  test.each([
    ['event', `${EXECUTION_LIMITS.eventBytes / KIB} KiB`],
    ['agent state', `${EXECUTION_LIMITS.stateBytes / KIB} KiB`],
    ['snapshot', `${SNAPSHOT_BYTES / KIB / KIB} MiB`],
    [
      'sessions',
      `${Number(RETENTION.closedMs) / HOUR_MS} h idle and closed, ${Number(RETENTION.openMs) / HOUR_MS / 24} days idle and open or waiting`,
    ],
  ])('%s', (name, value) => {
    expect(limits.get(name)).toBe(value)
  })

  test('the backlog, merged frames, and the time that a stop takes', () => {
    expect(PAGE).toContain(`no more than ${BACKLOG_BYTES / KIB / KIB} MiB lie behind it`)
    expect(PAGE).toContain(`It is at most ${MERGED_BYTES / KIB} KiB, unless one batch is larger.`)
    expect(PAGE).toContain(`at most ${EXECUTION_LIMITS.stopGraceMs / 1000} s later`)
  })
})

/** What the example of a client takes, and gives. */
type Follow = (
  session: string,
  app: {
    readonly dial: () => WebSocket
    readonly hello: () => ClientFrame
    readonly fold: typeof applyEvents
    readonly show: (transcript: Transcript) => void
    readonly giveUp: (why: unknown) => void
    readonly outbox: Map<string, ClientFrame>
  },
) => { readonly give: (command: ClientFrame) => void }

describe('the client of PROTOCOL.md', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('sends, is cut off in the middle of the answer, and has the whole of it in the end', async () => {
    let goOn = () => {}
    const waiting = new Promise<void>((resolve) => (goOn = resolve))
    const run: AgentFunction = async function* () {
      yield* say('The first half')
      await waiting
      yield* say('and the second.')
    }
    const { app, host, session } = await serving({ run })
    const id = await session()
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const [, code = ''] = /^```js example=client\n([^]*?)^```$/m.exec(PAGE) ?? []
    const { follow } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(`${code}export { follow }`)}`)) as {
      readonly follow: Follow
    }
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const sockets: WebSocket[] = []
    let isOver = false
    onTestFinished(() => void (isOver = true))
    let shown: Transcript | undefined
    const { give } = follow(id, {
      dial: () => {
        // It knows no end of its own.
        if (isOver) return { close() {} } as WebSocket
        const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/socket`, 'throughline.1')
        // Its close follows.
        socket.on('error', () => {})
        sockets.push(socket)
        return socket
      },
      hello: () => ({ type: 'hello', token: 'ann-token', client: { name: 'minimal', version: '1' } }),
      fold: applyEvents,
      show: (transcript) => (shown = transcript),
      giveUp: (why) => expect.fail(`gave up: ${String(why)}`),
      outbox: new Map(),
    })
    give({ type: 'send', id: 'm1', session: id, message: { id: 'm1', role: 'user', content: 'Go on' } })
    await vi.waitFor(() => expect(shown?.messages.at(-1)?.parts).toMatchObject([{ text: 'The first half' }]))
    sockets[0]?.terminate()
    goOn()
    await vi.waitFor(() => expect(shown?.runs.at(-1)?.state.status).toBe('success'))
    expect(sockets).toHaveLength(2)
    expect(shown).toEqual((await host.read('ann', id)).snapshot.transcript)
  })
})
