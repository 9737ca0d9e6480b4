import { createInterface } from 'node:readline'

/** Waits for a line of a process and answers the pattern's first group. It reads on afterwards: a pipe that nobody empties stops its writer. */
export function awaitedLine(output: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output })
    lines.on('line', (line) => {
      const found = pattern.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    lines.once('close', () => reject(new Error(`the process ended before it said ${pattern}`)))
  })
}
