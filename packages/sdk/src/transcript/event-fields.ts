import { isRecord } from '../protocol/shape.ts'

type Metadata = Readonly<Record<string, unknown>>

/** Whether these fields of an event are all texts, as its type promises and untrusted JSON may not keep. */
export function hasTexts<Event extends object>(event: Event, ...fields: readonly (keyof Event & string)[]): boolean {
  return fields.every((field) => typeof event[field] === 'string')
}

/** Those of a source's optional fields that are texts, under the names they have here. */
export function textsOf<Source extends object, Name extends string>(
  source: Source,
  fields: Readonly<Record<Name, keyof Source & string>>,
): { readonly [N in Name]?: string } {
  const texts: { [N in Name]?: string } = {}
  for (const [name, field] of Object.entries(fields) as [Name, keyof Source & string][]) {
    const text = source[field]
    if (typeof text === 'string') texts[name] = text
  }
  return texts
}

/** When an event happened, as a part's `at`. */
export function atOf({ timestamp }: { timestamp?: unknown }): { readonly at?: number } {
  return typeof timestamp === 'number' ? { at: timestamp } : {}
}

/** When an event happened, as a part's `endedAt`. */
export function endedAtOf({ timestamp }: { timestamp?: unknown }): { readonly endedAt?: number } {
  return typeof timestamp === 'number' ? { endedAt: timestamp } : {}
}

/** An event's metadata over what came before: key by key, the last write wins. */
export function metadataOf(source: { metadata?: unknown }, before?: Metadata): { readonly metadata?: Metadata } {
  return isRecord(source.metadata) ? { metadata: { ...before, ...source.metadata } } : {}
}
