import type { FetchAnswer } from '../ask-server.ts'

interface ByteStream {
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: unknown }> }
}

type Decoder = new () => { decode(bytes: unknown, options: { readonly stream: true }): string }

/** Reads an answer as text, as it arrives where the platform can do that, else when it is whole. `take` says whether to go on. */
export async function readText(answer: FetchAnswer, take: (text: string) => boolean): Promise<void> {
  const body = answer.body as Partial<ByteStream> | null | undefined
  const reader = body?.getReader?.()
  if (!reader) {
    take((await answer.text?.()) ?? '')
    return
  }
  const { TextDecoder } = globalThis as unknown as { readonly TextDecoder: Decoder }
  const decoder = new TextDecoder()
  for (let isWanted = true; isWanted;) {
    const { done, value } = await reader.read()
    if (done) return
    isWanted = take(decoder.decode(value, { stream: true }))
  }
}
