import { expect, test } from 'vitest'
import { readText } from '../../src/connection/read-text.ts'

const headers = { get: () => null }

function answer(body: unknown, text = '') {
  return { ok: true, status: 200, headers, body, json: async () => undefined, text: async () => text }
}

/** A stream of these bytes, piece by piece; `read` counts how many were asked for. */
function stream(bytes: Uint8Array, pieceLength: number) {
  const source = { read: 0 }
  let at = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (at >= bytes.length) return controller.close()
        source.read += 1
        controller.enqueue(bytes.slice(at, (at += pieceLength)))
      },
    },
    { highWaterMark: 0 },
  )
  return { body, source }
}

test('a character whose bytes come in two pieces arrives whole', async () => {
  const text = 'größe 漢字 😀 ende'
  for (let length = 1; length <= 5; length += 1) {
    const pieces: string[] = []
    await readText(answer(stream(new TextEncoder().encode(text), length).body), (piece) => pieces.push(piece) > 0)
    expect(pieces.join('')).toBe(text)
  }
})

test('where the platform has no streams, the text comes when it is whole', async () => {
  const pieces: string[] = []
  await readText(answer(undefined, 'all'), (piece) => pieces.push(piece) > 0)
  await readText(answer(null, 'of it'), (piece) => pieces.push(piece) > 0)
  expect(pieces).toEqual(['all', 'of it'])
})

test('nothing more is read once nobody wants it', async () => {
  const { body, source } = stream(new TextEncoder().encode('abcdef'), 1)
  await readText(answer(body), (piece) => piece !== 'b')
  expect(source.read).toBe(2)
})
