import { isRecord, isText, type Check } from './shape.ts'

const MEDIA: ReadonlySet<unknown> = /* @__PURE__ */ new Set(['image', 'audio', 'video', 'document'])
const SOURCES: ReadonlySet<unknown> = /* @__PURE__ */ new Set(['data', 'url', 'file'])

/** Whether a value is the content of a user's or a tool's message: text, or a list of AG-UI content parts. */
export const isContent: Check = (value) => typeof value === 'string' || (Array.isArray(value) && value.every(isContentPart))

function isContentPart(part: unknown): boolean {
  if (!isRecord(part)) return false
  return part['type'] === 'text' ? isText(part['text']) : MEDIA.has(part['type']) && isSource(part['source'])
}

function isSource(source: unknown): boolean {
  return isRecord(source) && SOURCES.has(source['type']) && isText(source['value'])
}
