// Opens the store that it is given and appends to five sessions until it is killed; says what was acknowledged, once it was.
import { openStore } from '../../../src/store/open-store.ts'

const [url = ''] = process.argv.slice(2)
const store = await openStore(url)
process.stdout.write('open\n')

const sessions = ['s1', 's2', 's3', 's4', 's5']
await Promise.all(sessions.map(keepAppending))

async function keepAppending(session: string): Promise<void> {
  await store.create({ id: session, owner: 'ann', birth: 'birth00000', createdAt: 1 })
  const { fence } = (await store.lease(session, 'child', 60_000)) ?? { fence: -1 }
  for (let seq = 1; ; seq += 1) {
    const batch = { from: seq, to: seq, mark: `m${String(seq).padStart(9, '0')}`, at: seq, frame: Buffer.from(`${session}:${seq}`) }
    const command = { principal: 'ann', id: `c${seq}`, digest: 'd', result: { seq }, at: seq }
    const verdict = await store.append({ session, fence, after: seq - 1, batch, effects: { command } })
    process.stdout.write(`${session} ${verdict.kind} ${seq} ${fence}\n`)
  }
}
