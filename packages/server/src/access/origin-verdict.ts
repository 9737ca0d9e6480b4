/**
 * What an `Origin` header says. `none`: no browser sent it, or a browser to its own origin; `same`: the page came from this server; `listed`: from an origin that
 * may use it; `foreign`: from anywhere else.
 */
export type OriginVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'same' }
  | { readonly kind: 'listed' }
  | { readonly kind: 'foreign' }

/**
 * Judges a request by where its page came from. The scheme is not compared for `same`: behind a proxy that ends TLS the server cannot know its own.
 */
export function originVerdict(origin: string | undefined, host: string | undefined, allowed: ReadonlySet<string>): OriginVerdict {
  if (origin === undefined) return { kind: 'none' }
  if (allowed.has(origin)) return { kind: 'listed' }
  const authority = ORIGIN.exec(origin)?.[1]
  return authority !== undefined && authority === host?.toLowerCase() ? { kind: 'same' } : { kind: 'foreign' }
}

/**
 * Prepares an allow list: exact origins, as browsers send them.
 *
 * @throws TypeError where one is no origin: it has a path, a wildcard, capitals, or no scheme.
 */
export function originList(origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins)
    if (!isOrigin(origin))
      throw new TypeError(`${JSON.stringify(origin)} is no origin: write scheme, host and port only, as in https://app.example.com`)
  return new Set(origins)
}

/** Whether a text is an origin as browsers send it. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text)
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/((?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d{1,5})?)$/
