import { expect, test } from 'vitest'
import { hostName, isLoopback } from '../../src/access/loopback.ts'

test.each(['localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]', '::ffff:127.0.0.1'])('%s is this machine', (host) => {
  expect(isLoopback(host)).toBe(true)
})

test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', 'localhost.example.com', '127.0.0.1.example.com', '1270.0.0.1', ''])(
  '%j is not only this machine',
  (host) => {
    expect(isLoopback(host)).toBe(false)
  },
)

test.each([
  ['localhost:7420', 'localhost'],
  ['Example.com', 'example.com'],
  ['[::1]:7420', '[::1]'],
  ['127.0.0.1', '127.0.0.1'],
])('the host of %s is %s', (header, host) => {
  expect(hostName(header)).toBe(host)
})
