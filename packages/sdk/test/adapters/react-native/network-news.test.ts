import { expect, test } from 'vitest'
import { networkNews, type NetworkState } from '../../../src/adapters/react-native/network-news.ts'

const wifi: NetworkState = { type: 'wifi', isConnected: true }
const cellular: NetworkState = { type: 'cellular', isConnected: true }
const none: NetworkState = { type: 'none', isConnected: false }
const unknown: NetworkState = { type: 'unknown', isConnected: null }

test.each<[string, NetworkState | undefined, NetworkState, 'online' | 'offline' | undefined]>([
  ['the first word is no change', undefined, wifi, undefined],
  ['nor is one that says nothing', undefined, unknown, undefined],
  ['the first word may be that there is none', undefined, none, 'offline'],
  ['the network went', wifi, none, 'offline'],
  ['it stayed away', none, { ...none }, undefined],
  ['it came back', none, wifi, 'online'],
  ['it may have come back', none, unknown, 'online'],
  ['it is known now', unknown, wifi, undefined],
  ['it went, which nobody knew', unknown, none, 'offline'],
  ['it came back as the same, after nothing was said of its kind', { type: 'wifi', isConnected: false }, wifi, 'online'],
  ['another network took its place', wifi, cellular, 'online'],
  ['the same says something else of itself', wifi, { ...wifi }, undefined],
])('%s', (_, before, after, news) => {
  expect(networkNews(before, after)).toBe(news)
})
