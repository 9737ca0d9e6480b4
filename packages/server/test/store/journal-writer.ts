import type { Append, AppendVerdict, Batch, Store } from '../../src/store/port.ts'

/** Appends batches of one event each to a session that it creates. */
export async function journalWriter(store: Store, session: string, owner = 'ann') {
  await store.create({ id: session, owner, birth: 'birth00000', createdAt: 1000 })
  const lease = await store.lease(session, 'node-1', 30_000)
  let head = 0
  return { append, write, writeAtOnce }

  async function append(frame: Buffer, effects?: Append['effects']): Promise<AppendVerdict> {
    const seq = head + 1
    const batch: Batch = { from: seq, to: seq, mark: `m${String(seq).padStart(9, '0')}`, at: seq, frame }
    const verdict = await store.append({ session, fence: lease?.fence ?? -1, after: head, batch, effects })
    if (verdict.kind === 'stored') head = seq
    return verdict
  }

  /** All in one turn of the event loop. */
  async function writeAtOnce(...frames: readonly string[]): Promise<void> {
    const first = head
    await Promise.all(
      frames.map((frame, place) => {
        const seq = first + place + 1
        const batch: Batch = { from: seq, to: seq, mark: `m${String(seq).padStart(9, '0')}`, at: seq, frame: Buffer.from(frame) }
        return store.append({ session, fence: lease?.fence ?? -1, after: seq - 1, batch })
      }),
    )
    head += frames.length
  }

  async function write(...frames: readonly (string | Buffer)[]): Promise<void> {
    for (const frame of frames) {
      const verdict = await append(Buffer.from(frame))
      if (verdict.kind !== 'stored') throw new Error(`not stored but ${verdict.kind}`)
    }
  }
}

/** The texts of all frames of a session. */
export async function framesOf(store: Store, session: string): Promise<readonly string[]> {
  return (await store.read(session, 0, Infinity)).map(({ frame }) => frame.toString())
}
