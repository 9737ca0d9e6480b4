/** What a job may ask of the transaction that it is part of. */
export interface Transaction {
  /** Calls back once all of it is stored. */
  onCommit(effect: () => void): void
  /** Calls back where it is not, last first: to put back what was changed in memory. */
  onRollback(undo: () => void): void
}

/** Writes of one caller. It reads and writes at once and returns what came of it; where it throws, nothing of it is stored. */
export type Job<Result> = (transaction: Transaction) => Result

/** The transactions of a database connection. */
export interface TransactionControl {
  begin(): void
  commit(): void
  /** Ends what `begin` began, where the database did not end it by itself. */
  rollback(): void
}

/** A job, and who waits for it. One is made for each append, so it is a plain object that is filled in, without a function of its own. */
interface Waiting {
  readonly job: Job<unknown>
  result: unknown
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { readonly kind: 'stored' } | { readonly kind: 'not_begun' | 'rolled_back' | 'stuck'; readonly error: unknown }

/** Puts all jobs that come in one turn of the event loop, from whomever, into one transaction: a thousand sessions share one commit. */
export class GroupCommit {
  readonly #control: TransactionControl
  #waiting: Waiting[] = []
  #scheduled: NodeJS.Immediate | undefined
  #holds = 0

  constructor(control: TransactionControl) {
    this.#control = control
  }

  /** Performs a job in the next transaction. Settles when it is stored; rejects with what the job threw, or why it could not be stored. */
  run<Result>(job: Job<Result>): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ job, result: undefined, resolve, reject })
      this.#schedule()
    }) as Promise<Result>
  }

  /** Lets jobs wait, without blocking anybody, until what comes back is called. */
  hold(): () => void {
    this.#holds += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holds -= 1
      this.#schedule()
    }
  }

  /** Stores at once what waits, held or not. */
  flush(): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const group = this.#waiting
    this.#waiting = []
    const outcome = this.#store(group)
    // One bad job must not fail the others: each goes by itself. Without a transaction there is nothing to try again.
    if (outcome.kind === 'rolled_back' && group.length > 1) for (const job of group) settleAll([job], this.#store([job]))
    else settleAll(group, outcome)
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined
      if (this.#holds === 0) this.flush()
    })
  }

  #store(group: readonly Waiting[]): Outcome {
    if (group.length === 0) return { kind: 'stored' }
    const effects: (() => void)[] = []
    const undos: (() => void)[] = []
    const transaction: Transaction = { onCommit: (effect) => void effects.push(effect), onRollback: (undo) => void undos.push(undo) }
    try {
      this.#control.begin()
    } catch (error) {
      return { kind: 'not_begun', error }
    }
    try {
      for (const waiting of group) waiting.result = waiting.job(transaction)
      this.#control.commit()
    } catch (error) {
      for (const undo of undos.toReversed()) undo()
      return { kind: this.#rollback() ? 'rolled_back' : 'stuck', error }
    }
    for (const effect of effects) effect()
    return { kind: 'stored' }
  }

  #rollback(): boolean {
    try {
      this.#control.rollback()
      return true
    } catch {
      // What made the transaction fail says more than this; the next one will fail to begin.
      return false
    }
  }
}

function settleAll(group: readonly Waiting[], outcome: Outcome): void {
  for (const job of group) {
    if (outcome.kind === 'stored') job.resolve(job.result)
    else job.reject(outcome.error)
  }
}
