import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Places, Seen } from './programs/come-back.ts'

/** Runs a bundled worker in workerd, and gives what it answers. */
export async function runWorker(workerd: string, folder: string, bundle: string, places: Places): Promise<Seen> {
  const port = await freePort()
  await writeFile(join(folder, 'bundle.js'), bundle)
  await writeFile(join(folder, 'config.capnp'), configOf(port))
  const child = spawn(workerd, ['serve', join(folder, 'config.capnp')], { stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    return (await (await askWhenUp(`http://127.0.0.1:${port}`, JSON.stringify(places))).json()) as Seen
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
}

/** A worker that may call the machine it runs on, which workers may not by default. */
function configOf(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "bundle.js")],
      compatibilityDate = "2026-01-01",
      globalOutbound = "outside",
    )),
    (name = "outside", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** workerd does not say when it listens. */
async function askWhenUp(url: string, body: string): Promise<Response> {
  for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      return await fetch(url, { method: 'POST', body })
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}
