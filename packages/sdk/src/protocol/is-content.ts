import { isText, object, oneOf, type Check } from './shape.ts'

/** Whether a value is the content of a user's or a tool's message: text, or a list of AG-UI content parts. */
export function isContent(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.every(isContentPart))
}

function isContentPart(part: unknown): boolean {
  return isTextPart(part) === true || isMediaPart(part) === true
}

const isData = /* @__PURE__ */ object({ type: /* @__PURE__ */ oneOf('data'), value: isText, mimeType: isText })
const isReference = /* @__PURE__ */ object({
  type: /* @__PURE__ */ oneOf('url', 'file'),
  value: isText,
  'mimeType?': isText,
  'provider?': isText,
})
const isSource: Check = (value) => isData(value) === true || isReference(value) === true

const isTextPart = /* @__PURE__ */ object({ type: /* @__PURE__ */ oneOf('text'), text: isText, 'id?': isText })
const isMediaPart = /* @__PURE__ */ object({
  type: /* @__PURE__ */ oneOf('image', 'audio', 'video', 'document'),
  source: isSource,
  'id?': isText,
})
