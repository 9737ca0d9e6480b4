import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { CHECKPOINT_WORKER, type CheckpointOrder, type CheckpointReport, type CheckpointWorkerStart } from './checkpoint-worker.ts'

/** When the write-ahead log is copied into the database. */
export interface CheckpointPace {
  /** Each time that so many bytes were written. */
  readonly bytes: number
  /** From this size on the log is emptied, for which writers wait a moment. */
  readonly truncateBytes: number
}

/** What a checkpointer works on. */
export interface CheckpointerStart {
  readonly file: string
  readonly pace: CheckpointPace
  /** Lets all writers wait, without blocking them, until what comes back is called. */
  readonly hold: () => () => void
  /** Told of a checkpoint that failed. Nothing is lost by it: the log keeps what the database lacks. */
  readonly onFailed: (error: unknown) => void
  /** Told once that the thread is no more, and why: from then on somebody else has to see to checkpoints. */
  readonly onDown: (error: unknown) => void
  /** Where better-sqlite3 is found. @default from this package */
  readonly driver?: string | undefined
}

/** Copies the write-ahead log into the database, off the event loop. */
export interface Checkpointer {
  /** Tells how many bytes were written. */
  wrote(bytes: number): void
  /** Ends the thread, after the checkpoint that it may be at. */
  close(): Promise<void>
}

type State = { readonly kind: 'unstarted' } | { readonly kind: 'idle' | 'busy'; readonly worker: Worker } | { readonly kind: 'down' }

/** Beyond so many pages that came meanwhile another round goes before the log is emptied, since that lets writers wait. */
const FEW_PAGES = 1000
const MOST_ROUNDS = 4
const PAGE_BYTES = 4096

/** Starts no thread before there is anything to do. */
export function createCheckpointer(start: CheckpointerStart): Checkpointer {
  let state: State = { kind: 'unstarted' }
  let written = 0

  return { wrote, close }

  function wrote(bytes: number): void {
    written += bytes
    if (written < start.pace.bytes || state.kind === 'busy' || state.kind === 'down') return
    written = 0
    const worker = state.kind === 'unstarted' ? startWorker() : state.worker
    if (worker !== undefined) void checkpoint(worker)
  }

  function startWorker(): Worker | undefined {
    try {
      const driver = start.driver ?? createRequire(import.meta.url).resolve('better-sqlite3')
      const workerData: CheckpointWorkerStart = { driver, file: start.file }
      const worker = new Worker(CHECKPOINT_WORKER, { eval: true, workerData, execArgv: [], name: 'throughline-checkpoint' })
      worker.unref()
      worker.on('error', goDown)
      worker.on('exit', () => goDown(new Error('the checkpoint thread ended')))
      return worker
    } catch (error) {
      goDown(error)
      return undefined
    }
  }

  function goDown(error: unknown): void {
    if (state.kind === 'down') return
    state = { kind: 'down' }
    start.onDown(error)
  }

  async function checkpoint(worker: Worker): Promise<void> {
    state = { kind: 'busy', worker }
    try {
      let report = await order(worker, 'passive')
      for (let round = 1; report.left > FEW_PAGES && report.bytes >= start.pace.truncateBytes && round < MOST_ROUNDS; round += 1) {
        report = await order(worker, 'passive')
      }
      if (report.bytes >= start.pace.truncateBytes) await truncate(worker)
    } catch (error) {
      if (state.kind === 'busy') start.onFailed(error)
    }
    if (state.kind === 'busy') state = { kind: 'idle', worker }
  }

  async function truncate(worker: Worker): Promise<void> {
    const release = start.hold()
    // Writers wait for it, so the process must not end before it answers.
    worker.ref()
    try {
      await order(worker, 'truncate')
    } finally {
      // One that is being closed is waited for.
      if (state.kind !== 'down') worker.unref()
      release()
    }
  }

  async function close(): Promise<void> {
    if (state.kind === 'unstarted' || state.kind === 'down') {
      state = { kind: 'down' }
      return
    }
    const { worker } = state
    state = { kind: 'down' }
    worker.ref()
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    post(worker, 'close')
    await ended
  }
}

/** Has one checkpoint made; rejects where it failed or the thread ended. */
function order(worker: Worker, kind: 'passive' | 'truncate'): Promise<{ readonly bytes: number; readonly left: number }> {
  return new Promise((resolve, reject) => {
    const onMessage = (report: CheckpointReport) => {
      stop()
      if (report.kind === 'failed') reject(report.error)
      else resolve({ bytes: report.log * PAGE_BYTES, left: report.log - report.checkpointed })
    }
    const onEnd = (error: unknown) => {
      stop()
      reject(error instanceof Error ? error : new Error('the checkpoint thread ended'))
    }
    const stop = () => void worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd)
    worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd)
    post(worker, kind)
  })
}

function post(worker: Worker, message: CheckpointOrder): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  worker.postMessage(message)
}
