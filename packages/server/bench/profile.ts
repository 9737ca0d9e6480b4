import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'

export interface Profiling {
  /** Where a process spends its time, or what makes the objects that outlive a collection of the young ones. */
  readonly kind: 'cpu' | 'heap'
  readonly directory: string
}

/** Begins to profile this process; the answer ends it and leaves the profile in the directory. */
export async function startProfile({ kind, directory }: Profiling): Promise<() => Promise<void>> {
  const session = new Session()
  session.connect()
  const stop = kind === 'cpu' ? await profileCpu(session) : await profileHeap(session)
  return async () => writeFileSync(join(directory, `${process.pid}.${kind}profile`), JSON.stringify(await stop()))
}

async function profileCpu(session: Session): Promise<() => Promise<unknown>> {
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  return async () => (await session.post('Profiler.stop')).profile
}

async function profileHeap(session: Session): Promise<() => Promise<unknown>> {
  await session.post('HeapProfiler.enable')
  // What is collected young costs little; what is not is copied, kept or left to the collector of the old.
  await session.post('HeapProfiler.startSampling', { samplingInterval: 8192, includeObjectsCollectedByMajorGC: true })
  return async () => (await session.post('HeapProfiler.stopSampling')).profile
}
