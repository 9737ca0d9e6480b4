import { describe, expect, test } from 'vitest'
import { isContent } from '../../src/protocol/is-content.ts'

describe('content is', () => {
  test.each([
    ['text', 'Hello'],
    ['empty text', ''],
    ['no parts', []],
    ['a text part', [{ type: 'text', text: 'Hello' }]],
    ['a part with an id and metadata of any kind', [{ type: 'text', text: 'Hello', id: 'p1', metadata: 7 }]],
    ['an image in place', [{ type: 'image', source: { type: 'data', value: 'aGk=', mimeType: 'image/png' } }]],
    ['sound by its address', [{ type: 'audio', source: { type: 'url', value: 'https://example.com/a.mp3' } }]],
    ['a film by its address and kind', [{ type: 'video', source: { type: 'url', value: 'https://example.com/a', mimeType: 'video/mp4' } }]],
    ['a document that is kept elsewhere', [{ type: 'document', source: { type: 'file', value: 'f1', provider: 'throughline' } }]],
    [
      'several parts',
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', later: 1 },
      ],
    ],
  ])('%s', (_what, content) => {
    expect(isContent(content)).toBe(true)
  })
})

describe('content is not', () => {
  test.each<[what: string, content: unknown, verdict: false | string]>([
    ['missing', undefined, false],
    ['null', null, false],
    ['a number', 7, false],
    ['an object', { type: 'text', text: 'Hello' }, false],
    ['a text among parts', ['Hello'], '0'],
    ['a part without a type', [{ text: 'Hello' }], '0.type'],
    ['a part of an unknown type', [{ type: 'poem', text: 'Hello' }], '0.type'],
    ['a part whose type only a prototype has', [{ type: 'constructor' }], '0.type'],
    ['a text part without text', [{ type: 'text' }], '0.text'],
    ['a text part with a number', [{ type: 'text', text: 7 }], '0.text'],
    ['a part with an id that is none', [{ type: 'text', text: 'Hello', id: 7 }], '0.id'],
    ['an image without a source', [{ type: 'image' }], '0.source'],
    ['an image from anywhere', [{ type: 'image', source: { type: 'memory', value: 'x' } }], '0.source.type'],
    ['an image from a list', [{ type: 'image', source: [] }], '0.source'],
    ['an image without a value', [{ type: 'image', source: { type: 'url' } }], '0.source.value'],
    ['an image in place without its kind', [{ type: 'image', source: { type: 'data', value: 'aGk=' } }], '0.source.mimeType'],
    ['an image of a kind that is none', [{ type: 'image', source: { type: 'url', value: 'x', mimeType: 7 } }], '0.source.mimeType'],
    ['a file of a provider that is none', [{ type: 'image', source: { type: 'file', value: 'x', provider: 7 } }], '0.source.provider'],
    ['one bad part among good ones', [{ type: 'text', text: 'a' }, { type: 'text' }], '1.text'],
  ])('%s, and it is said where', (_what, content, verdict) => {
    expect(isContent(content)).toBe(verdict)
  })
})
