import { checkClientFrame } from '@throughline/sdk/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ANN, serving } from './serving.ts'

const TYPES = ['hello', 'attach', 'detach', 'send', 'answer', 'stop', 'unqueue', 'watch', 'token', 'ping', 'pong', 'later']
const id = fc.constantFrom('a', 'b', '', 'no id', 1)

/** Something like a frame: of a known type, some of its fields right. */
const frame = fc.record(
  {
    type: fc.constantFrom(...TYPES),
    id,
    session: fc.oneof(fc.constant('SESSION'), id),
    message: fc.oneof(
      fc.record({ id, role: fc.constantFrom('user', 'tool'), content: fc.oneof(fc.string(), fc.jsonValue()) }),
      fc.jsonValue(),
    ),
    run: fc.oneof(fc.string(), fc.jsonValue()),
    status: fc.constantFrom('resolved', 'cancelled', 'open'),
    interrupt: fc.string(),
    whenBusy: fc.constantFrom('queue', 'refuse', 'interrupt', 'later'),
    cursor: fc.oneof(fc.string(), fc.jsonValue()),
    exclusive: id,
    client: fc.oneof(fc.constant({ name: 'test', version: '1' }), fc.jsonValue()),
    hold: fc.oneof(fc.constant(false), fc.jsonValue()),
    n: fc.oneof(fc.nat(), fc.jsonValue()),
  },
  { requiredKeys: ['type'] },
)
const body = fc.oneof(fc.jsonValue(), fc.array(fc.oneof({ weight: 5, arbitrary: frame }, fc.jsonValue()), { maxLength: 6 }))

test('whatever the body, commands are answered one by one or refused together, and the server does not fail', async () => {
  const { app, session } = await serving({ limits: { commandsPerMinute: 1_000_000 } })
  const own = await session()
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const payload = JSON.stringify(value).replaceAll('SESSION', own)
      const headers = { ...ANN, 'content-type': 'application/json' }
      const answer = await app.inject({ method: 'POST', url: '/v1/frames', headers, payload })
      if (answer.statusCode === 200) {
        const answers = answer.json<{ readonly type: string }[]>()
        expect(answers).toHaveLength((value as unknown[]).length)
        for (const { type } of answers) expect(['accepted', 'refused']).toContain(type)
      } else expect([answer.statusCode, answer.json()]).toEqual([400, { code: 'invalid', message: expect.any(String) }])
    }),
    { numRuns: 200 },
  )
})

test('whatever the body, a stream begins with welcome or is refused with a reason', async () => {
  const { app, session } = await serving()
  const own = await session()
  const hello = { type: 'hello', client: { name: 'test', version: '1' } }
  const opening = fc.oneof(
    body,
    fc.array(frame, { maxLength: 4 }).map((frames) => [hello, ...frames.filter(({ type }) => ['attach', 'watch', 'ping'].includes(type))]),
  )
  await fc.assert(
    fc.asyncProperty(opening, async (value) => {
      const payload = JSON.stringify(value).replaceAll('SESSION', own)
      const headers = { ...ANN, 'content-type': 'application/json' }
      const answer = await app.inject({ method: 'POST', url: '/v1/stream', headers, payload, payloadAsStream: true })
      const stream = answer.stream()
      const text = await new Promise<string>((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString())))
      stream.destroy()
      if (isOpening(JSON.parse(payload))) expect(text).toMatch(/^(: |data: \{"type":"welcome")/)
      else
        expect([answer.statusCode, JSON.parse(text)]).toEqual([
          400,
          { code: expect.stringMatching(/^(invalid|unknown_type)$/), message: expect.any(String) },
        ])
    }),
    { numRuns: 200 },
  )
})

function isOpening(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  const types = value.map((one) => {
    const decoded = checkClientFrame(one)
    return decoded.kind === 'frame' ? decoded.frame.type : 'none'
  })
  return types[0] === 'hello' && types.slice(1).every((type) => ['attach', 'watch', 'ping'].includes(type))
}
