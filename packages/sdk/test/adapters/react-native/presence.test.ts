import { expect, test } from 'vitest'
import { presenceAfter, type Presence } from '../../../src/adapters/react-native/presence.ts'

const NOW = 100_000
const here: Presence = { kind: 'here' }
const away: Presence = { kind: 'away' }
const aside = (forMs: number): Presence => ({ kind: 'aside', since: NOW - forMs })

type Status = 'active' | 'inactive' | 'background' | 'unknown' | 'extension'
type Row = Record<Status, { readonly presence: Presence; readonly news?: 'hidden' | 'active' }>

/** Where the user was, and for each status that may follow where the user is then, and the news. */
const table: Record<string, { readonly was: Presence } & Row> = {
  'one who is here': {
    was: here,
    active: { presence: here },
    inactive: { presence: aside(0) },
    background: { presence: away, news: 'hidden' },
    unknown: { presence: here },
    extension: { presence: here },
  },
  'one who looked aside just now': {
    was: aside(1_999),
    active: { presence: here },
    inactive: { presence: aside(1_999) },
    background: { presence: away, news: 'hidden' },
    unknown: { presence: aside(1_999) },
    extension: { presence: aside(1_999) },
  },
  'one who has looked aside for a while': {
    was: aside(2_000),
    active: { presence: here, news: 'active' },
    inactive: { presence: aside(2_000) },
    background: { presence: away, news: 'hidden' },
    unknown: { presence: aside(2_000) },
    extension: { presence: aside(2_000) },
  },
  'one who is away': {
    was: away,
    active: { presence: here, news: 'active' },
    inactive: { presence: away },
    background: { presence: away },
    unknown: { presence: away },
    extension: { presence: away },
  },
}

const rows = Object.entries(table).flatMap(([who, { was, ...row }]) =>
  Object.entries(row).map(([status, expected]) => ({ who, was, status, expected })),
)

test.each(rows)('$who, then $status', ({ was, status, expected }) => {
  expect(presenceAfter(was, status, NOW)).toEqual(expected)
})
