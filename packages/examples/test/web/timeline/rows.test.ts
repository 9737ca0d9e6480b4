import type { OpenInterrupt, Run, RunState } from '@throughline/sdk/protocol'
import type { SessionMessage } from '@throughline/sdk'
import { describe, expect, test } from 'vitest'
import { timelineRows } from '../../../web/src/timeline/rows.ts'

function message(id: string, ofRun?: string, role: SessionMessage['role'] = 'assistant'): SessionMessage {
  return { id, role, parts: [], ...(ofRun !== undefined && { run: ofRun }) }
}

function run(id: string, state: RunState): Run {
  return { id, state, messages: 1 }
}

const done: RunState = { status: 'success' }

function keys(state: Partial<Parameters<typeof timelineRows>[0]>): readonly string[] {
  return timelineRows({ status: 'idle', messages: [], runs: [], interrupts: [], ...state }).map((row) => row.key)
}

describe('timeline rows', () => {
  test('a run ends after its last message, before the next run', () => {
    const messages = [message('u1', 'a', 'user'), message('a', 'a'), message('u2', 'b', 'user'), message('b', 'b')]
    expect(keys({ messages, runs: [run('a', done), run('b', done)] })).toEqual([
      'message u1',
      'message a',
      'end a',
      'message u2',
      'message b',
      'end b',
    ])
  })

  test('a run that was stopped before a word still has its end', () => {
    const messages = [message('u1', 'a', 'user'), message('u2', 'b', 'user'), message('b', 'b')]
    const runs = [run('a', { status: 'cancelled' }), run('b', done)]
    expect(keys({ messages, runs })).toEqual(['message u1', 'end a', 'message u2', 'message b', 'end b'])
  })

  test('a run whose answer was asked for again has no end: its answer is gone', () => {
    const messages = [message('u', 'a', 'user'), message('b', 'b')]
    expect(keys({ messages, runs: [run('a', { status: 'cancelled' }), run('b', done)] })).toEqual(['message u', 'message b', 'end b'])
  })

  test('a run that asked at once keeps its end, though the answer has no message', () => {
    const messages = [message('u', 'a', 'user'), message('b', 'b')]
    const runs = [run('a', { status: 'interrupt' }), run('b', done)]
    expect(keys({ messages, runs })).toEqual(['message u', 'end a', 'message b', 'end b'])
  })

  test('a run under way ends in what it is at', () => {
    expect(keys({ status: 'running', messages: [message('a', 'a')], runs: [run('a', { status: 'running' })] })).toEqual([
      'message a',
      'working a',
    ])
  })

  test('an open question stands after the run that asked it', () => {
    const interrupts: OpenInterrupt[] = [{ id: 'q', run: 'a', reason: 'input' }]
    expect(keys({ status: 'waiting', messages: [message('a', 'a')], runs: [run('a', { status: 'interrupt' })], interrupts })).toEqual([
      'message a',
      'end a',
      'question q',
    ])
  })

  test('what is not stored yet stands at the very end, also after a run under way', () => {
    const pending: SessionMessage = { ...message('u2', undefined, 'user'), pending: 'sending' }
    const runs = [run('a', { status: 'running' })]
    expect(keys({ status: 'running', messages: [message('a', 'a'), pending], runs })).toEqual(['message a', 'working a', 'message u2'])
  })

  test('only a message of the person in a session at rest can be edited', () => {
    const messages = [message('u', 'a', 'user'), message('a', 'a')]
    const editable = (status: 'idle' | 'running'): readonly boolean[] =>
      timelineRows({ status, messages, runs: [run('a', done)], interrupts: [] }).flatMap((row) =>
        row.kind === 'message' ? [row.editable] : [],
      )
    expect(editable('idle')).toEqual([true, false])
    expect(editable('running')).toEqual([false, false])
  })

  test('a run in which the agent said something can be copied', () => {
    const text: SessionMessage = { ...message('a', 'a'), parts: [{ type: 'text', id: 't', text: 'Hi' }] }
    const asked: SessionMessage = { ...text, id: 'u', role: 'user', run: 'b' }
    const rows = timelineRows({ status: 'idle', messages: [text, asked], runs: [run('a', done), run('b', done)], interrupts: [] })
    expect(rows.flatMap((row) => (row.kind === 'run-end' ? [row.said] : []))).toEqual([true, false])
  })

  test('only the last answer of a session at rest can be asked for again', () => {
    const messages = [message('a', 'a'), message('b', 'b')]
    const rows = timelineRows({ status: 'idle', messages, runs: [run('a', done), run('b', done)], interrupts: [] })
    expect(rows.flatMap((row) => (row.kind === 'run-end' ? [row.repeatable] : []))).toEqual([false, true])
  })
})
