import { describe, expect, test } from 'vitest'
import { isOrigin, originList, originVerdict } from '../../src/access/origin-verdict.ts'

const LISTED = originList(['https://app.example.com', 'capacitor://localhost'])

describe('originVerdict', () => {
  test.each([
    ['no header is not judged', undefined, 'agents.example.com', 'none'],
    ['the server’s own origin is the same', 'https://agents.example.com', 'agents.example.com', 'same'],
    ['a port belongs to the origin', 'http://localhost:7420', 'localhost:7420', 'same'],
    ['another port is foreign', 'http://localhost:5173', 'localhost:7420', 'foreign'],
    ['capitals in the Host header do not matter', 'https://agents.example.com', 'Agents.Example.Com', 'same'],
    ['a listed origin is listed', 'https://app.example.com', 'agents.example.com', 'listed'],
    ['a scheme of an app shell can be listed', 'capacitor://localhost', 'agents.example.com', 'listed'],
    ['the scheme of a listed origin counts', 'http://app.example.com', 'agents.example.com', 'foreign'],
    ['a subdomain of a listed origin is foreign', 'https://x.app.example.com', 'agents.example.com', 'foreign'],
    ['an origin that ends like a listed one is foreign', 'https://evilapp.example.com', 'agents.example.com', 'foreign'],
    ['a name that only begins like the host is foreign', 'https://agents.example.com.evil.test', 'agents.example.com', 'foreign'],
    ['a page without an origin is foreign', 'null', 'agents.example.com', 'foreign'],
    ['an origin is foreign where the request names no host', 'https://agents.example.com', undefined, 'foreign'],
    ['a page without an origin is foreign also where the request names no host', 'null', undefined, 'foreign'],
    ['what is no origin is foreign', 'https://agents.example.com/', 'agents.example.com', 'foreign'],
    ['credentials in it make it none', 'https://agents.example.com@evil.test', 'agents.example.com', 'foreign'],
  ])('%s', (_rule, origin, host, kind) => {
    expect(originVerdict(origin, host, LISTED)).toEqual({ kind })
  })
})

test.each(['*', 'https://*.example.com', 'app.example.com', 'https://app.example.com/', 'https://App.example.com', '', 'https://a b'])(
  'an allow list does not take %j',
  (origin) => {
    expect(isOrigin(origin)).toBe(false)
    expect(() => originList([origin])).toThrow(/is no origin/)
  },
)

test.each(['https://app.example.com', 'http://localhost:5173', 'http://[::1]:5173', 'http://127.0.0.1'])(
  'an allow list takes %j',
  (origin) => {
    expect(isOrigin(origin)).toBe(true)
  },
)
