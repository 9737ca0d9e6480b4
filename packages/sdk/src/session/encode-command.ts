import { SessionError } from '../errors.ts'
import { isClientId, type CommandFrame, type Limits } from '../protocol/index.ts'
import { utf8Bytes } from '../utf8-bytes.ts'

/**
 * Encodes a command that the server can take. Throws `invalid` or `too_large` for any other, since it would wait in the outbox
 * for a refusal that is certain.
 */
export function encodeCommand(frame: CommandFrame, { messageBytes, frameBytes }: Limits): string {
  if (!isClientId(frame.id)) throw new SessionError('invalid', `an id has 1 to 128 of A-Z a-z 0-9 . _ : - and not "${frame.id}"`)
  const body = frame.type === 'send' ? frame.message : frame.type === 'answer' ? frame.payload : undefined
  encodeWithin(messageBytes, body, 'message or payload')
  return encodeWithin(frameBytes, frame, 'command')
}

function encodeWithin(limit: number, value: unknown, what: string): string {
  let text: string
  try {
    text = JSON.stringify(value) ?? ''
  } catch (cause) {
    throw new SessionError('invalid', `the ${what} cannot be written as JSON`, { cause })
  }
  const bytes = utf8Bytes(text)
  if (bytes > limit)
    throw new SessionError('too_large', `the ${what} has ${bytes} bytes, and the server takes ${limit}: send less, or a file`)
  return text
}
