import type { WelcomeFrame } from '@throughline/sdk/protocol'
import type { Principal } from '../access/principal.ts'
import type { Edge } from './edge.ts'

/** The answer to `hello`. */
export function welcome({ host, pingMs }: Edge, { id, expiresAt }: Principal): WelcomeFrame {
  const { node, limits, durability } = host
  return { type: 'welcome', node, principal: id, ...(expiresAt !== undefined && { expiresAt }), pingMs, limits, durability }
}
