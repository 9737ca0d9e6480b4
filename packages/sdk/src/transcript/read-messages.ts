import type { Message } from '../protocol/events.ts'
import { isContent } from '../protocol/is-content.ts'
import { isRecord, isText, object, type Check } from '../protocol/shape.ts'

/** What a message must have, by role, to be placed; its optional fields are read with care where they are used. */
const CHECKS: Readonly<Record<Message['role'], Check>> = {
  user: /* @__PURE__ */ object({ content: isContent }),
  system: /* @__PURE__ */ object({ content: isText }),
  developer: /* @__PURE__ */ object({ content: isText }),
  assistant: isRecord,
  tool: /* @__PURE__ */ object({ toolCallId: isText, content: isContent }),
  reasoning: /* @__PURE__ */ object({ content: isText }),
  activity: /* @__PURE__ */ object({ activityType: isText, content: isRecord }),
}

/** The AG-UI messages of an untrusted list; what is none is left out. */
export function readMessages(list: unknown): readonly Message[] {
  return Array.isArray(list) ? list.filter(isMessage) : []
}

function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || typeof value['id'] !== 'string') return false
  const role = value['role'] as Message['role']
  return Object.hasOwn(CHECKS, role) && CHECKS[role](value)
}
