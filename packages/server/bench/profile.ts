import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'

/** Begins to profile this process; the answer ends it and leaves the profile in a directory. */
export async function startProfile(directory: string): Promise<() => Promise<void>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(join(directory, `${process.pid}.cpuprofile`), JSON.stringify(profile))
  }
}
