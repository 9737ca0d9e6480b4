import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../src/transcript/index.ts'

const patched = (document: unknown) => ({ kind: 'patched', document })
const failed = (operation: number) => ({ kind: 'void', operation })

describe('a JSON patch', () => {
  test.each<[string, unknown, readonly unknown[], unknown]>([
    ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds over a member', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
    ['adds into an array', [1, 3], [{ op: 'add', path: '/1', value: 2 }], [1, 2, 3]],
    ['adds at the length of an array', [1], [{ op: 'add', path: '/1', value: 2 }], [1, 2]],
    ['adds behind an array with -', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    ['adds the whole document', { a: 1 }, [{ op: 'add', path: '', value: [1] }], [1]],
    ['adds a null', {}, [{ op: 'add', path: '/a', value: null }], { a: null }],
    ['adds under an empty name', {}, [{ op: 'add', path: '/', value: 1 }], { '': 1 }],
    ['adds under escaped names', { 'a/b': {} }, [{ op: 'add', path: '/a~1b/~01', value: 1 }], { 'a/b': { '~1': 1 } }],
    ['removes a member', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    ['removes an item', [1, 2, 3], [{ op: 'remove', path: '/1' }], [1, 3]],
    ['removes the whole document', { a: 1 }, [{ op: 'remove', path: '' }], null],
    ['replaces a member', { a: { b: 1 } }, [{ op: 'replace', path: '/a/b', value: 2 }], { a: { b: 2 } }],
    ['replaces an item', [1, 2], [{ op: 'replace', path: '/0', value: 0 }], [0, 2]],
    ['replaces a null', { a: null }, [{ op: 'replace', path: '/a', value: 1 }], { a: 1 }],
    ['moves a member', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    ['moves an item, counted without it', [1, 2, 3], [{ op: 'move', from: '/0', path: '/2' }], [2, 3, 1]],
    ['moves onto itself', { a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
    ['moves a member up over its container', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/a' }], { a: 1 }],
    ['copies', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }],
    [
      'goes on after a test that holds',
      { a: { c: 1, b: [1] } },
      [{ op: 'test', path: '/a', value: { b: [1], c: 1 } }],
      { a: { b: [1], c: 1 } },
    ],
    [
      'applies one operation after the other',
      {},
      [
        { op: 'add', path: '/a', value: {} },
        { op: 'add', path: '/a/b', value: 1 },
      ],
      { a: { b: 1 } },
    ],
    ['may have no operation', { a: 1 }, [], { a: 1 }],
  ])('%s', (_, document, operations, expected) => {
    expect(applyPatch(document, operations)).toEqual(patched(expected))
  })

  test.each<[string, unknown, readonly unknown[]]>([
    ['adds into what is not there', {}, [{ op: 'add', path: '/a/b', value: 1 }]],
    ['adds into a text', { a: 'x' }, [{ op: 'add', path: '/a/b', value: 1 }]],
    ['adds beyond an array', [1], [{ op: 'add', path: '/2', value: 1 }]],
    ['adds at an index with a leading zero', [1, 2], [{ op: 'add', path: '/01', value: 1 }]],
    ['adds at no index', [1], [{ op: 'add', path: '/x', value: 1 }]],
    ['adds at a negative index', [1], [{ op: 'add', path: '/-1', value: 1 }]],
    ['adds nothing', {}, [{ op: 'add', path: '/a' }]],
    ['adds inside what is behind an array', [1], [{ op: 'add', path: '/-/a', value: 1 }]],
    ['removes what is not there', { a: 1 }, [{ op: 'remove', path: '/b' }]],
    ['removes behind an array', [1], [{ op: 'remove', path: '/-' }]],
    ['removes at the length of an array', [1], [{ op: 'remove', path: '/1' }]],
    ['removes an inherited member', {}, [{ op: 'remove', path: '/toString' }]],
    ['replaces what is not there', { a: 1 }, [{ op: 'replace', path: '/b', value: 1 }]],
    ['replaces behind an array', [1], [{ op: 'replace', path: '/-', value: 1 }]],
    ['moves what is not there', {}, [{ op: 'move', from: '/a', path: '/b' }]],
    ['moves into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }]],
    ['moves the document into itself', { a: 1 }, [{ op: 'move', from: '', path: '/a' }]],
    ['copies what is not there', {}, [{ op: 'copy', from: '/a', path: '/b' }]],
    ['copies an inherited member', {}, [{ op: 'copy', from: '/constructor', path: '/a' }]],
    ['copies from nowhere', {}, [{ op: 'copy', path: '/b' }]],
    ['tests another value', { a: 1 }, [{ op: 'test', path: '/a', value: '1' }]],
    ['tests for more than there is', { a: { b: 1 } }, [{ op: 'test', path: '/a', value: { b: 1, c: 2 } }]],
    ['tests for less than there is', { a: { b: 1, c: 2 } }, [{ op: 'test', path: '/a', value: { b: 1 } }]],
    ['tests for a list where there is an object', { a: {} }, [{ op: 'test', path: '/a', value: [] }]],
    ['tests what is not there', {}, [{ op: 'test', path: '/a', value: null }]],
    ['tests without a value', {}, [{ op: 'test', path: '/a' }]],
    ['is of an unknown kind', {}, [{ op: 'merge', path: '/a', value: 1 }]],
    ['has a pointer without a slash', {}, [{ op: 'add', path: 'a', value: 1 }]],
    ['has a pointer with a bad escape', {}, [{ op: 'add', path: '/a~2', value: 1 }]],
    ['has no pointer', {}, [{ op: 'add', value: 1 }]],
    ['is none', {}, [null]],
  ])('is void where an operation %s', (_, document, operations) => {
    expect(applyPatch(document, operations)).toEqual(failed(0))
  })

  test('is void as a whole, and names the operation', () => {
    expect(
      applyPatch({ a: 1 }, [
        { op: 'remove', path: '/a' },
        { op: 'remove', path: '/a' },
      ]),
    ).toEqual(failed(1))
    expect(applyPatch({ a: 1 }, 'none')).toEqual(failed(0))
  })

  test('leaves the document as it was, and shares with it what it does not touch', () => {
    const document = Object.freeze({ a: Object.freeze([Object.freeze({ x: 1 }), 2]), b: Object.freeze({}) })
    const verdict = applyPatch(document, [{ op: 'replace', path: '/a/1', value: 3 }])
    const next = (verdict.kind === 'patched' ? verdict.document : undefined) as typeof document
    expect(next).toEqual({ a: [{ x: 1 }, 3], b: {} })
    expect(next.a[0]).toBe(document.a[0])
    expect(next.b).toBe(document.b)
  })

  test('makes no more of __proto__ than an own member', () => {
    const verdict = applyPatch({ a: 1 }, [{ op: 'add', path: '/__proto__', value: { polluted: true } }])
    const next = (verdict.kind === 'patched' ? verdict.document : undefined) as Record<string, unknown>
    expect(Object.getPrototypeOf(next)).toBe(Object.prototype)
    expect(Object.keys(next)).toEqual(['a', '__proto__'])
    expect(applyPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }])).toEqual(failed(0))
    expect(applyPatch({}, [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }])).toEqual(failed(0))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(applyPatch(next, [{ op: 'remove', path: '/a' }])).toEqual(patched(JSON.parse('{"__proto__":{"polluted":true}}')))
  })

  test('is void, and not an exception, where its path is deeper than any document', () => {
    expect(applyPatch({}, [{ op: 'add', path: '/a'.repeat(100_000), value: 1 }])).toEqual(failed(0))
    const nested = JSON.parse(`${'{"a":'.repeat(1100)}1${'}'.repeat(1100)}`) as unknown
    expect(applyPatch(nested, [{ op: 'replace', path: '/a'.repeat(1100), value: 2 }])).toEqual(failed(0))
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect(applyPatch(JSON.parse(deep), [{ op: 'test', path: '', value: JSON.parse(deep) }]).kind).toBe('patched')
  })

  test('never throws, and never changes what it is given', () => {
    const pointer = fc.oneof(fc.constantFrom('', '/a', '/a/0', '/a/-', '/b/c', '/__proto__', '/0', '~'), fc.string())
    const operation = fc.record(
      { op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'), path: pointer, from: pointer, value: fc.jsonValue() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.constant({ a: [1], b: { c: 1 } })), fc.array(operation), (document, operations) => {
        const before = JSON.stringify(document)
        applyPatch(document, operations)
        return JSON.stringify(document) === before
      }),
      { numRuns: 500 },
    )
  })
})
