import type { CallServer } from '../call-server.ts'
import { SessionError } from '../errors.ts'
import type { CommandFrame, Transcript } from '../protocol/index.ts'
import type { Replica } from '../session/replica.ts'

/**
 * Whether a command that may have been sent long ago has taken effect, or has nothing left to do, by what its session shows. Undefined where
 * that cannot be said now.
 */
export async function hasTakenEffect(
  frame: CommandFrame,
  { transcript, more }: Pick<Replica, 'transcript' | 'more'>,
  call: CallServer,
): Promise<boolean | undefined> {
  if (isShown(frame, transcript)) return true
  return more && frame.type === 'send' && frame.message?.role === 'user' ? isStored(frame.session, frame.message.id, call) : false
}

function isShown(frame: CommandFrame, { messages, queue, interrupts }: Transcript): boolean {
  switch (frame.type) {
    case 'send': {
      const { message, replaces } = frame
      const isThere = (id: string | undefined) => messages.some((one) => one.id === id)
      if (!message) return !isThere(replaces)
      if (message.role === 'user') return isThere(message.id) || queue.some((queued) => queued.message.id === message.id)
      return !messages.some(({ parts }) => parts.some((part) => part.type === 'tool' && part.id === message.toolCallId && !part.result))
    }
    case 'answer':
      return !interrupts.some(({ id, answer }) => id === frame.interrupt && !answer)
    // Whatever they were about is long over, and they have no text.
    case 'stop':
    case 'unqueue':
      return true
    default:
      return frame satisfies never
  }
}

/** Whether the server has a message, which it must to give the page before it. */
async function isStored(session: string, message: string, call: CallServer): Promise<boolean | undefined> {
  try {
    await call('GET', `/sessions/${encodeURIComponent(session)}/messages?before=${encodeURIComponent(message)}&limit=1`)
    return true
  } catch (error) {
    return error instanceof SessionError && error.code === 'invalid' ? false : undefined
  }
}
