import { isRecord, isText, listOf, object, oneOf, type Check } from './shape.ts'

/** Whether a value is the content of a user's or a tool's message: text, or a list of AG-UI content parts. */
export const isContent: Check = (value) => isText(value) || isParts(value)

const isPart: Check = (part) => (isRecord(part) && part['type'] === 'text' ? isTextPart : isMediaPart)(part)
const isParts = listOf(isPart)

const isSource: Check = (source) => (isRecord(source) && source['type'] === 'data' ? isData : isReference)(source)
const isTextPart = object({ text: isText, 'id?': isText })
const isMediaPart = object({ type: oneOf('image', 'audio', 'video', 'document'), source: isSource, 'id?': isText })

const isData = object({ value: isText, mimeType: isText })
const isReference = object({ type: oneOf('url', 'file'), value: isText, 'mimeType?': isText, 'provider?': isText })
