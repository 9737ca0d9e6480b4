import type { ClientFrame, ServerFrame } from './frames.ts'

/** Writes a frame as the text that travels. */
export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  return JSON.stringify(frame)
}
