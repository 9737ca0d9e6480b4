/** The event without the provider's payload that it came from. */
export function withoutRawEvent<E extends { readonly rawEvent?: unknown }>(event: E): Omit<E, 'rawEvent'> {
  if (!('rawEvent' in event)) return event
  const { rawEvent: _, ...rest } = event
  return rest
}
