import { access } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { WrongSetting } from './serve-settings.ts'

/** Bundlers put what has a hash in its name here: it never changes. */
const HASHED = `${sep}assets${sep}`

/**
 * Serves a built page at the root.
 *
 * @throws WrongSetting where the directory holds none.
 */
export async function serveWebPage(app: FastifyInstance, directory: string): Promise<void> {
  const root = resolve(directory)
  await access(join(root, 'index.html')).catch(() => {
    throw new WrongSetting(`--web is “${directory}”, which holds no index.html: build the page first`)
  })
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header('cache-control', path.startsWith(root + HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache')
      reply.header('x-content-type-options', 'nosniff')
    },
  })
}
