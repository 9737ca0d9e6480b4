import { expect, test } from 'vitest'
import { chooseSubprotocol } from '../../src/http/subprotocol.ts'

test.each([
  [['throughline.1'], 'throughline.1'],
  [['throughline.2', 'throughline.1'], 'throughline.1'],
  [['throughline.2'], 'throughline.2'],
  [['graphql', 'throughline.9'], 'throughline.9'],
  [['graphql', 'mqtt'], 'graphql'],
  [[], false],
])('of %j it speaks %s', (offered, chosen) => {
  expect(chooseSubprotocol(new Set(offered))).toBe(chosen)
})
