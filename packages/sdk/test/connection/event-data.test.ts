import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventData } from '../../src/connection/event-data.ts'

function read(...texts: string[]): string[] {
  const heard: string[] = []
  const feed = eventData((data) => heard.push(data))
  for (const text of texts) feed(text)
  return heard
}

test('each event gives its data', () => {
  expect(read('data: one\n\ndata: two\n\n')).toEqual(['one', 'two'])
})

test('an event that is not ended yet gives nothing', () => {
  expect(read('data: one\n')).toEqual([])
  expect(read('data: one\n', '\n')).toEqual(['one'])
})

test('lines may end in LF, CR or CRLF', () => {
  expect(read('data: one\r\n\r\ndata: two\r\rdata: three\n\n')).toEqual(['one', 'two', 'three'])
})

test('a CRLF that is cut in its middle is one line end', () => {
  expect(read('data: one\r', '\ndata: two\r', '\n\r', '\n')).toEqual(['one\ntwo'])
})

test('several data lines are one text of several lines', () => {
  expect(read('data: one\ndata:\ndata\ndata: two\n\n')).toEqual(['one\n\n\ntwo'])
})

test('one space after the colon is not data, a second one is', () => {
  expect(read('data:one\n\ndata:  two\n\n')).toEqual(['one', ' two'])
})

test('comments, other fields and events without data give nothing', () => {
  expect(read(': padding\n\nevent: batch\nid: 3\nretry: 5\n\ndatabase: x\n\ndata: one\nid: 4\n\n')).toEqual(['one'])
})

test('wherever the text is cut, the data is the same', () => {
  const line = fc.constantFrom('data: {"a":1}', 'data', ': c', 'id: 1', '', '', 'data: ü\u2028')
  const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r'))).map((lines) => lines.map((one) => one.join('')).join(''))
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
      const at = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length]
      const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end))
      // A character that ends no line brings out what waits for it.
      expect(read(...pieces, 'x')).toEqual(read(whole, 'x'))
    }),
    { numRuns: 500 },
  )
})
