/** The WebSocket close codes of `throughline.1`. 4000–4499 come back; 4500–4999 are final. */
export const CLOSE_CODES = {
  internal: 4000,
  shutdown: 4001,
  token_expired: 4002,
  ping_timeout: 4003,
  slow_viewer: 4008,
  hello_timeout: 4012,
  rate_limited: 4013,
  connection_limit: 4014,
  protocol: 4500,
  unauthorized: 4501,
  forbidden: 4503,
  version: 4505,
} as const

/** Why a link was closed by its server. */
export type CloseReason = keyof typeof CLOSE_CODES

/** Whether a link closed with this code must not be dialled again: the same dial would be closed the same way. */
export function isFinalClose(code: number): boolean {
  return code >= 4500 && code <= 4999
}
