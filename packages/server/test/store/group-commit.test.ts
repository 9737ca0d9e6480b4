import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { GroupCommit, type TransactionControl } from '../../src/store/group-commit.ts'

/** Transactions that are only written down. */
function writtenDown(failing: Partial<TransactionControl> = {}) {
  const log: string[] = []
  const step = (name: keyof TransactionControl) => () => {
    log.push(name)
    failing[name]?.()
  }
  const group = new GroupCommit({ begin: step('begin'), commit: step('commit'), rollback: step('rollback') })
  const job = (name: string) => group.run(() => void log.push(name))
  return { log, group, job }
}

function fail(message: string): never {
  throw new Error(message)
}

describe('a group commit', () => {
  test('puts the jobs of one turn into one transaction, in their order', async () => {
    const { log, job } = writtenDown()
    await Promise.all([job('a'), job('b'), job('c')])
    expect(log).toEqual(['begin', 'a', 'b', 'c', 'commit'])
  })

  test('begins another transaction for jobs of a later turn', async () => {
    const { log, job } = writtenDown()
    await job('a')
    await job('b')
    expect(log).toEqual(['begin', 'a', 'commit', 'begin', 'b', 'commit'])
  })

  test('gives each job its own result', async () => {
    const { group } = writtenDown()
    expect(await Promise.all([group.run(() => 1), group.run(() => 'two')])).toEqual([1, 'two'])
  })

  test('rejects a job that throws, and stores the others without it', async () => {
    const { log, group, job } = writtenDown()
    const [first, second, third] = await Promise.allSettled([job('a'), group.run(() => fail('bad job')), job('c')])
    expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(log).toEqual(['begin', 'a', 'rollback', 'begin', 'a', 'commit', 'begin', 'rollback', 'begin', 'c', 'commit'])
  })

  test('tries each job by itself where the commit fails', async () => {
    let commits = 0
    const { log, job } = writtenDown({ commit: () => (commits++ === 0 ? fail('no room') : undefined) })
    await Promise.all([job('a'), job('b')])
    expect(log).toEqual(['begin', 'a', 'b', 'commit', 'rollback', 'begin', 'a', 'commit', 'begin', 'b', 'commit'])
  })

  test('rejects a lone job where the commit fails, and does not try it again', async () => {
    const { log, job } = writtenDown({ commit: () => fail('no room') })
    await expect(job('a')).rejects.toThrow('no room')
    expect(log).toEqual(['begin', 'a', 'commit', 'rollback'])
  })

  test('rejects all jobs at once where no transaction begins, since each would wait as long', async () => {
    const { log, job } = writtenDown({ begin: () => fail('busy') })
    const settled = await Promise.allSettled([job('a'), job('b')])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(log).toEqual(['begin'])
  })

  test('rejects with what went wrong first where the rollback fails too', async () => {
    const { job } = writtenDown({ commit: () => fail('no room'), rollback: () => fail('no rollback') })
    await expect(job('a')).rejects.toThrow('no room')
  })

  test('goes on after a transaction that failed', async () => {
    let commits = 0
    const { job } = writtenDown({ commit: () => (commits++ === 0 ? fail('no room') : undefined) })
    await expect(job('a')).rejects.toThrow('no room')
    await expect(job('b')).resolves.toBeUndefined()
  })

  test('calls effects once all is stored, before the jobs settle', async () => {
    const { log, group } = writtenDown()
    const first = group.run((transaction) => transaction.onCommit(() => void log.push('effect'))).then(() => log.push('settled'))
    await Promise.all([first, group.run(() => void log.push('b'))])
    expect(log).toEqual(['begin', 'b', 'commit', 'effect', 'settled'])
  })

  test('calls no effects of a transaction that failed', async () => {
    const { log, group } = writtenDown({ commit: () => fail('no room') })
    await expect(group.run((transaction) => transaction.onCommit(() => void log.push('effect')))).rejects.toThrow('no room')
    expect(log).not.toContain('effect')
  })

  test('undoes last first what a failed transaction changed in memory', async () => {
    const { log, group } = writtenDown({ commit: () => fail('no room') })
    const job = group.run((transaction) => {
      transaction.onRollback(() => void log.push('undo 1'))
      transaction.onRollback(() => void log.push('undo 2'))
    })
    await expect(job).rejects.toThrow('no room')
    expect(log.filter((line) => line.startsWith('undo'))).toEqual(['undo 2', 'undo 1'])
  })

  test('lets jobs wait while it is held, and takes all of them together when it is let go', async () => {
    const { log, group, job } = writtenDown()
    const release = group.hold()
    const jobs = [job('a')]
    await nextTurn()
    jobs.push(job('b'))
    await nextTurn()
    expect(log).toEqual([])
    release()
    await Promise.all(jobs)
    expect(log).toEqual(['begin', 'a', 'b', 'commit'])
  })

  test('lets a job wait that came before it was held', async () => {
    const { log, group, job } = writtenDown()
    const waiting = job('a')
    const release = group.hold()
    await nextTurn()
    expect(log).toEqual([])
    release()
    await waiting
  })

  test('is held until all who hold it let go, each once', async () => {
    const { log, group, job } = writtenDown()
    const [first, second] = [group.hold(), group.hold()]
    const waiting = job('a')
    first()
    first()
    await nextTurn()
    expect(log).toEqual([])
    second()
    await waiting
  })

  test('stores at once what waits where it is told to, held or not', async () => {
    const { log, group, job } = writtenDown()
    group.hold()
    const waiting = job('a')
    group.flush()
    expect(log).toEqual(['begin', 'a', 'commit'])
    await waiting
  })

  test('begins no transaction for nothing', () => {
    const { log, group } = writtenDown()
    group.flush()
    expect(log).toEqual([])
  })
})
