import { expect, test } from 'vitest'
import { readDemoScript } from '../../src/agent/demo-script.ts'

test('text without commands is answered as it stands', () => {
  expect(readDemoScript('one\ntwo')).toEqual([{ kind: 'answer', text: 'one\ntwo' }])
})

test('commands and the text between them are obeyed in their order', () => {
  expect(readDemoScript('/think\nWhy?\n/tokens 5 0\n\n/fail')).toEqual([
    { kind: 'think' },
    { kind: 'answer', text: 'Why?' },
    { kind: 'tokens', count: 5, everyMs: 0 },
    { kind: 'fail' },
  ])
})

test.each([
  ['/tokens', { kind: 'tokens', count: 200, everyMs: 20 }],
  ['/tokens 7', { kind: 'tokens', count: 7, everyMs: 20 }],
  ['  /tokens 7  3 ', { kind: 'tokens', count: 7, everyMs: 3 }],
  ['/tool', { kind: 'tool', name: 'lookup' }],
  ['/tool get weather', { kind: 'tool', name: 'get_weather' }],
  ['/ask Really?', { kind: 'ask', question: 'Really?' }],
  ['/state', { kind: 'state' }],
  ['/activity', { kind: 'activity' }],
  ['/custom hi there', { kind: 'custom', text: 'hi there' }],
  ['/help', { kind: 'help' }],
  ['/hang', { kind: 'hang' }],
  ['/ignore-stop', { kind: 'ignore-stop' }],
])('%s is read as %o', (line, step) => {
  expect(readDemoScript(line)).toEqual([step])
})

test.each(['/tokens many', '/tokens 1.5', '/tokens -1', '/tokens 1 2 3', '/tokens 1000001 0', '/tokens 1 60001', '/nonsense'])(
  '%s is not obeyed but explained',
  (line) => {
    expect(readDemoScript(line)).toMatchObject([{ kind: 'puzzled', line }])
  },
)

test.each(['/usr/bin/node crashes', 'what does /think do?', '/ alone', '/Upper'])('%s is text, not a command', (line) => {
  expect(readDemoScript(line)).toEqual([{ kind: 'answer', text: line }])
})

test.each(['', '  \n ', '/think'])('a message without words gets an answer all the same: %j', (message) => {
  expect(readDemoScript(message).at(-1)).toEqual({ kind: 'answer', text: '' })
})
