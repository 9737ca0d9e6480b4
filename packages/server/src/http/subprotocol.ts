import { SUBPROTOCOL } from '@throughline/sdk/protocol'

/** Chooses the version to speak. One that cannot be spoken is echoed too: a browser sees the reason only on a socket that opened. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL
  return [...offered].find((name) => name.startsWith('throughline.')) ?? [...offered][0] ?? false
}
