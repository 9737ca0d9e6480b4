/** What the checkpoint thread is started with. */
export interface CheckpointWorkerStart {
  /** Where better-sqlite3 is: code that is given as text has no place of its own to look from. */
  readonly driver: string
  readonly file: string
}

/** `passive` copies what it can without disturbing anybody; `truncate` copies all and empties the log, while nobody may write. */
export type CheckpointOrder = 'passive' | 'truncate' | 'close'

/** What came of a checkpoint, in pages of the log. */
export type CheckpointReport =
  | { readonly kind: 'done'; readonly busy: number; readonly log: number; readonly checkpointed: number }
  | { readonly kind: 'failed'; readonly error: Error }

/**
 * The code of the thread that copies the write-ahead log into the database, on a connection of its own. It is text, so that it runs from
 * the sources, from the built package, and from whatever bundle an app makes of it.
 */
export const CHECKPOINT_WORKER = `
'use strict'
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)
const database = new Database(workerData.file, { fileMustExist: true, timeout: 100 })
parentPort.on('message', (order) => {
  if (order === 'close') {
    database.close()
    parentPort.close()
    return
  }
  try {
    const [{ busy, log, checkpointed }] = database.pragma('wal_checkpoint(' + order + ')')
    parentPort.postMessage({ kind: 'done', busy, log, checkpointed })
  } catch (error) {
    parentPort.postMessage({ kind: 'failed', error })
  }
})
`
