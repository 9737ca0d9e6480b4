import type { SessionEvent } from '@throughline/sdk/protocol'

const LONGEST = 60

/** A title for a session that has none: the beginning of the first thing that was asked. */
export function titleOf(events: readonly SessionEvent[]): string | undefined {
  for (const event of events) {
    if (event.type !== 'RUN_STARTED') continue
    const message = (event.input?.messages ?? []).find(({ role }) => role === 'user')
    if (message?.role !== 'user') continue
    const text =
      typeof message.content === 'string'
        ? message.content
        : message.content.map((part) => (part.type === 'text' ? part.text : '')).join(' ')
    const line = text.replaceAll(/\s+/g, ' ').trim()
    if (line === '') continue
    return line.length <= LONGEST ? line : `${beginningOf(line)}…`
  }
  return undefined
}

/** Never half of a character that is two units long. */
function beginningOf(line: string): string {
  return line
    .slice(0, LONGEST - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()
}
