import { isRecord, isText, object, oneOf, type Check } from './shape.ts'

/** Whether a value is the content of a user's or a tool's message: text, or a list of AG-UI content parts. */
export const isContent: Check = (value) => typeof value === 'string' || (Array.isArray(value) && value.every(isContentPart))

const MEDIA = ['image', 'audio', 'video', 'document']

const isSource: Check = /* @__PURE__ */ object({ type: /* @__PURE__ */ oneOf('data', 'url', 'file'), value: isText })

function isContentPart(part: unknown): boolean {
  if (!isRecord(part)) return false
  return part['type'] === 'text' ? isText(part['text']) : MEDIA.includes(part['type'] as string) && isSource(part['source'])
}
