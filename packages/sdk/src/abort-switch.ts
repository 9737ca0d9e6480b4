/** The platform's AbortSignal, by whatever types the app has for it. */
export type PlatformSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } } ? Signal : object

/** Ends what was given its signal. */
export interface AbortSwitch {
  readonly signal: PlatformSignal
  abort(): void
}

/** Makes a switch: the platform's AbortController, which every place with a `fetch` has. */
export function abortSwitch(): AbortSwitch {
  const { AbortController } = globalThis as unknown as { readonly AbortController: new () => AbortSwitch }
  return new AbortController()
}
