import { describe, expect, test, vi } from 'vitest'
import type { Answer, Question } from '../../src/agent/contract.ts'
import { demoAgent } from '../../src/agent/demo-agent.ts'
import { numberedText } from '../../src/agent/numbered-text.ts'
import { agentRun, callsOf, play, reasoningOf, textOf, typesOf, verified } from './agent-run.ts'

/** A clock that lets no time pass: it keeps what it was asked to wait for. */
function clock() {
  const waits: number[] = []
  const delay = (ms: number, signal?: AbortSignal): Promise<void> => {
    waits.push(ms)
    return signal?.aborted === true ? Promise.reject(signal.reason as Error) : Promise.resolve()
  }
  return { waits, delay }
}

async function demo(text: string, given: Parameters<typeof agentRun>[0] = {}) {
  const { waits, delay } = clock()
  const { events, failure } = await play(demoAgent({ delay, paceMs: 10 }).run(agentRun({ text, ...given })))
  return { events, failure, waits }
}

/** Somebody who answers every question the same. */
function asking(answer: Answer) {
  const questions: Question[] = []
  const ask = (question: Question) => {
    questions.push(question)
    return Promise.resolve(answer)
  }
  return { questions, ask }
}

describe('an answer', () => {
  test('goes out word by word, with a pause between two', async () => {
    const { events, waits } = await demo('hello')
    const words = events.filter(({ type }) => type === 'TEXT_MESSAGE_CONTENT')
    expect(words.length).toBeGreaterThan(20)
    expect(waits).toEqual(Array.from({ length: words.length - 1 }, () => 10))
  })

  test('gives back what the person wrote, and says what there is to try', async () => {
    const { events } = await demo('Plan three days in Rome')
    expect(textOf(events)).toContain('“Plan three days in Rome”, 5 words')
    expect(textOf(events)).toContain('/tokens 500 20')
    await verified(events)
  })

  test('is short once the person knows', async () => {
    const messages = ['a', 'b'].map((id) => ({ id, role: 'user' as const, content: 'again' }))
    const text = textOf((await demo('', { messages })).events)
    expect(text).toContain('message 2')
    expect(text).not.toContain('/tokens')
  })

  test('reads the text parts of a message and counts its files', async () => {
    const content = [
      { type: 'text' as const, text: 'look here' },
      { type: 'image' as const, source: { type: 'url' as const, value: 'https://example.com/a.png' } },
    ]
    const { events } = await demo('', { messages: [{ id: 'u1', role: 'user', content }] })
    expect(textOf(events)).toContain('“look here”')
    expect(textOf(events)).toContain('A file came with it.')
  })

  test('to a message without words is a greeting', async () => {
    expect(textOf((await demo('')).events)).toMatch(/^Hello!/)
  })
})

describe('/tokens', () => {
  test('sends so many deltas of four characters, so far apart', async () => {
    const { events, waits } = await demo('/tokens 50 7')
    const deltas = events.flatMap((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? [event.delta] : []))
    expect(deltas).toHaveLength(50)
    expect(deltas.every((delta) => delta.length === 4)).toBe(true)
    expect(deltas.join('')).toBe(numberedText(50))
    expect(waits).toEqual(Array.from({ length: 49 }, () => 7))
    await verified(events)
  })

  test('at 0 ms goes as fast as it can, and lets others have a turn now and then', async () => {
    const { events, waits } = await demo('/tokens 1000 0')
    expect(textOf(events)).toBe(numberedText(1_000))
    expect(new Set(waits)).toEqual(new Set([0]))
    expect(waits.length).toBeGreaterThan(10)
  })

  test('at 0 ms hears the stop with the real clock', async () => {
    const stop = new AbortController()
    setImmediate(() => stop.abort(new Error('stopped')))
    const { events, failure } = await play(demoAgent().run(agentRun({ text: '/tokens 1000000 0', signal: stop.signal })))
    expect(failure).toMatchObject({ name: 'AbortError' })
    expect(events.length).toBeLessThan(100_000)
  })

  test('of none sends nothing', async () => {
    expect((await demo('/tokens 0 0')).events).toEqual([])
  })
})

test('/think reasons before the answer', async () => {
  const { events } = await demo('/think\nWhy?')
  expect(reasoningOf(events)).toContain('think')
  expect(textOf(events)).toContain('“Why?”')
  expect(typesOf(events).indexOf('REASONING_END')).toBeLessThan(typesOf(events).indexOf('TEXT_MESSAGE_START'))
  await verified(events)
})

test('/tool streams a call with JSON arguments and gives its result', async () => {
  const { events } = await demo('/tool weather')
  const [call] = callsOf(events)
  expect(call?.name).toBe('weather')
  expect(JSON.parse(call?.args ?? '')).toMatchObject({ place: 'Rome' })
  expect(JSON.parse(String(call?.result))).toMatchObject({ tool: 'weather' })
  expect(events.filter(({ type }) => type === 'TOOL_CALL_ARGS').length).toBeGreaterThan(2)
  await verified(events)
})

describe('/ask', () => {
  test('asks the question and says what was answered', async () => {
    const { questions, ask } = asking({ status: 'resolved', payload: 'blue', by: 'ada' })
    const { events } = await demo('/ask Which colour?', { ask })
    expect(questions).toEqual([{ message: 'Which colour?' }])
    expect(textOf(events)).toBe('ada answered: “blue”.')
  })

  test('shows an answer that is no text as JSON', async () => {
    const { ask } = asking({ status: 'resolved', payload: { colour: 'blue' }, by: 'ada' })
    expect(textOf((await demo('/ask Which?', { ask })).events)).toBe('ada answered: “{"colour":"blue"}”.')
  })

  test('takes an answer without a payload', async () => {
    const { ask } = asking({ status: 'resolved', by: 'ada' })
    expect(textOf((await demo('/ask Which?', { ask })).events)).toBe('ada said yes without a word.')
  })

  test('says that it was cancelled', async () => {
    const { ask } = asking({ status: 'cancelled' })
    expect(textOf((await demo('/ask Which?', { ask })).events)).toContain('cancelled')
  })

  test('goes on with the lines after it', async () => {
    const { ask } = asking({ status: 'resolved', payload: 'blue', by: 'ada' })
    const { events } = await demo('/ask Which?\n/tokens 2 0', { ask })
    expect(textOf(events)).toBe(`ada answered: “blue”.${numberedText(2)}`)
  })

  test('ends with what ask rejects with', async () => {
    const reason = new Error('abandoned')
    const ask = () => Promise.reject(reason)
    expect((await demo('/ask Which?', { ask })).failure).toBe(reason)
  })
})

test('/state begins to count and then goes on from the state it finds', async () => {
  expect((await demo('/state')).events[0]).toEqual({ type: 'STATE_SNAPSHOT', snapshot: { count: 1 } })
  const { events } = await demo('/state\n/state', { state: { count: 4, else: true } })
  expect(events.filter(({ type }) => type === 'STATE_DELTA')).toEqual(
    [5, 6].map((value) => ({ type: 'STATE_DELTA', delta: [{ op: 'replace', path: '/count', value }] })),
  )
})

test('/activity shows progress up to its end', async () => {
  const { events } = await demo('/activity')
  const deltas = events.filter((event) => event.type === 'ACTIVITY_DELTA')
  expect(deltas.at(-1)?.patch[0]).toEqual({ op: 'replace', path: '/done', value: 4 })
  await verified(events)
})

test('/custom sends an event of its own that has a place in the timeline', async () => {
  const { events } = await demo('/custom Hi')
  expect(events).toMatchObject([{ type: 'CUSTOM', name: 'demo/note', value: { id: expect.any(String) as string, text: 'Hi' } }])
})

test('/help lists every line that is obeyed', async () => {
  const text = textOf((await demo('/help')).events)
  for (const command of ['tokens', 'think', 'tool', 'ask', 'activity', 'state', 'custom', 'fail', 'hang', 'ignore-stop']) {
    expect(text).toContain(`/${command}`)
  }
})

test('a line that it does not understand is explained', async () => {
  expect(textOf((await demo('/tokens many')).events)).toContain('“/tokens many”')
})

test('/fail fails in the middle of a text', async () => {
  const { events, failure } = await demo('/fail')
  expect(textOf(events)).not.toBe('')
  expect(typesOf(events)).not.toContain('TEXT_MESSAGE_END')
  expect(failure).toMatchObject({ message: expect.stringContaining('/fail') as string })
})

describe('stop', () => {
  test('ends an answer in the middle of a wait', async () => {
    const stop = new AbortController()
    const { failure } = await play(demoAgent({ paceMs: 60_000 }).run(agentRun({ signal: stop.signal })), () => stop.abort())
    expect(failure).toMatchObject({ name: 'AbortError' })
  })

  test('ends /hang, which nothing else ends', async () => {
    const stop = new AbortController()
    const events = demoAgent({ delay: clock().delay }).run(agentRun({ text: '/hang', signal: stop.signal }))
    const reason = new Error('stopped')
    const { failure } = await play(events, (event) => {
      if (event.type === 'TEXT_MESSAGE_END') stop.abort(reason)
    })
    expect(failure).toBe(reason)
  })

  test('ends /hang also where it comes first', async () => {
    const reason = new Error('stopped')
    const { failure } = await demo('/hang', { signal: AbortSignal.abort(reason) })
    expect(failure).toBe(reason)
  })

  test('is not heard by /ignore-stop, which goes on for ten minutes', async () => {
    const { events, failure, waits } = await demo('/ignore-stop', { signal: AbortSignal.abort() })
    expect(failure).toBeUndefined()
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(600_000)
    expect(textOf(events)).toContain('600, and no, I do not stop.')
  })

  test('no wait but those of /ignore-stop goes without the signal', async () => {
    const delay = vi.fn((_ms: number, _signal?: AbortSignal) => Promise.resolve())
    const { signal } = new AbortController()
    await play(demoAgent({ delay }).run(agentRun({ text: 'hi\n/think\n/tool a\n/state\n/activity\n/tokens 300 0\n/help', signal })))
    expect(delay.mock.calls.length).toBeGreaterThan(100)
    expect(delay.mock.calls.every(([, given]) => given === signal)).toBe(true)
  })
})
