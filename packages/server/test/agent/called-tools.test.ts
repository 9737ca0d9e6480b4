import { expect, test } from 'vitest'
import { calledTools, type ToolCallDelta } from '../../src/agent/called-tools.ts'

/** Reads the pieces and says which calls they make. */
function gather(...pieces: readonly ToolCallDelta[]) {
  const tools = calledTools({ parentMessageId: () => 'p', isTaken: () => false })
  const events = pieces.flatMap((piece) => tools.read(piece))
  return { events, calls: tools.close().calls.map(({ name, args }) => [name, args]) }
}

const named = (name: string, args = '') => ({ function: { name, arguments: args } })
const args = (text: string) => ({ function: { arguments: text } })

test('pieces without an index belong to the call before them, until another id comes', () => {
  const { calls } = gather({ id: 'a', ...named('one') }, args('{}'), { id: 'b', ...named('two') }, args('[]'))
  expect(calls).toEqual([
    ['one', '{}'],
    ['two', '[]'],
  ])
})

test('pieces without an index that name a call by its id belong to that call', () => {
  const { calls } = gather({ id: 'a', ...named('one') }, { id: 'b', ...named('two') }, { id: 'a', ...args('{}') })
  expect(calls).toEqual([
    ['one', '{}'],
    ['two', ''],
  ])
})

test('calls that all have index 0 are told apart by their ids', () => {
  const { calls } = gather({ index: 0, id: 'a', ...named('one', '{}') }, { index: 0, id: 'b', ...named('two', '[]') })
  expect(calls).toEqual([
    ['one', '{}'],
    ['two', '[]'],
  ])
})

test('a fresh id with every piece is no fresh call as long as it has no name', () => {
  const { calls } = gather({ index: 0, id: 'a', ...named('one', '{') }, { index: 0, id: 'b', ...args('}') })
  expect(calls).toEqual([['one', '{}']])
})

test('id and name repeated with every piece are no fresh call', () => {
  const { calls, events } = gather({ index: 0, id: 'a', ...named('one', '{') }, { index: 0, id: 'a', ...named('one', '}') })
  expect(calls).toEqual([['one', '{}']])
  expect(events.filter(({ type }) => type === 'TOOL_CALL_START')).toHaveLength(1)
})

test('a call is told of once its name is known, with the arguments that came before it', () => {
  const { events } = gather({ index: 0, id: 'a', ...args('{') }, { index: 0, ...named('one', '}') })
  expect(events).toEqual([
    { type: 'TOOL_CALL_START', toolCallId: 'a', toolCallName: 'one', parentMessageId: 'p' },
    { type: 'TOOL_CALL_ARGS', toolCallId: 'a', delta: '{}' },
  ])
})

test('a call that never gets a name is left out', () => {
  expect(gather({ index: 0, id: 'a', ...args('{}') })).toEqual({ events: [], calls: [] })
})

test('two calls of one turn with the same id are two calls', () => {
  const tools = calledTools({ parentMessageId: () => 'p', isTaken: () => false })
  tools.read({ index: 0, id: 'a', ...named('one', '{}') })
  tools.read({ index: 1, id: 'a', ...named('two', '{}') })
  expect(new Set(tools.close().calls.map(({ id }) => id)).size).toBe(2)
})
