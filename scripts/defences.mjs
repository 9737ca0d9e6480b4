// Removes each defence in turn, in a copy of the repository, and runs the tests of that defence alone. They must fail: defences hide each
// other, so that a test of the whole stays green when one of them is gone.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is removed: in `file`, `code` becomes `without`; and the tests that must notice. */
const DEFENCES = [
  {
    name: 'duplicate check: a batch that was applied is dropped',
    file: 'packages/sdk/src/session/replica.ts',
    code: "if (to <= seq) return { kind: 'duplicate' }",
    without: '',
    tests: ['sdk', 'packages/sdk/test/session'],
  },
  {
    name: 'gap check: a batch that does not follow is not applied',
    file: 'packages/sdk/src/session/replica.ts',
    code: "if (from !== seq + 1 || cursor === undefined) return { kind: 'gap' }",
    without: '',
    tests: ['sdk', 'packages/sdk/test/session'],
  },
  {
    name: 'resend after attach: what is unsettled goes again',
    file: 'packages/sdk/src/session/session.ts',
    code: 'port.outbox.resume(id)',
    without: '',
    tests: ['sdk', 'packages/sdk/test/session'],
  },
  {
    name: 'generation check: frames of a closed link belong to nobody',
    file: 'packages/sdk/src/connection/link.ts',
    code: 'if (isClosed()) return\n    heartbeat.heard()',
    without: 'heartbeat.heard()',
    tests: ['sdk', 'packages/sdk/test/connection', 'packages/sdk/test/session'],
  },
  {
    name: 'generation check of streams: what arrives from one that was dropped is nobody’s',
    file: 'packages/sdk/src/connection/stream-socket.ts',
    code: 'if (!isCurrent()) return false',
    without: '',
    tests: ['sdk', 'packages/sdk/test/connection/stream-socket.test.ts'],
  },
  {
    name: 'late timers: a machine that slept, or a clock that was set, proves no silence',
    file: 'packages/sdk/src/connection/heartbeat.ts',
    code: 'else if (isLate && !isSpared) {',
    without: 'else if (false) {',
    tests: ['sdk', 'packages/sdk/test/connection/heartbeat.test.ts'],
  },
  {
    name: 'attach check: batches before the answer to an attach are ignored',
    file: 'packages/sdk/src/session/attachment.ts',
    code: "frame.type === 'batch' ? standing.kind === 'attaching' :",
    without: '',
    tests: ['sdk', 'packages/sdk/test/session'],
  },
  {
    name: 'outbox: an id that waits already is refused',
    file: 'packages/sdk/src/session/outbox.ts',
    code: 'if (this.#entries.has(id)) throw',
    without: 'if (false) throw',
    tests: ['sdk', 'packages/sdk/test/session/outbox.test.ts'],
  },
  {
    name: 'saved replicas: an older one does not take the place of a newer one',
    file: 'packages/sdk/src/saved/saved-state.ts',
    code: 'if (head && head.cursor !== known.get(key) && head.seq >= replica.seq) return undefined',
    without: '',
    tests: ['sdk', 'packages/sdk/test/saved/saved-state.test.ts'],
  },
  {
    name: 'outbox: what is on its way over a link goes no second time over it',
    file: 'packages/sdk/src/session/outbox.ts',
    code: "if (kind === 'out' || (",
    without: 'if ((',
    tests: ['sdk', 'packages/sdk/test/session/on-its-way.test.ts'],
  },
  {
    name: 'kept commands: none is delivered before it is kept',
    file: 'packages/sdk/src/session/outbox.ts',
    code: "if (kind !== 'ready' || !replica(session)) return",
    without: 'if (!replica(session)) return',
    tests: ['sdk', 'packages/sdk/test/session/kept-commands.test.ts'],
  },
  {
    name: 'kept commands: what two tabs were refused is told in one of them',
    file: 'packages/sdk/src/saved/kept-commands.ts',
    code: "(before !== 'gone' && !before.told)",
    without: "before !== 'gone'",
    tests: ['sdk', 'packages/sdk/test/client/tabs.test.ts'],
  },
  {
    name: 'kept commands: before one goes again, it is asked whether another tab has settled it',
    file: 'packages/sdk/src/session/outbox.ts',
    code: "if (entry.standing.kind !== 'out') this.#ask(",
    without: "if (entry.standing.kind === 'unasked') this.#ask(",
    tests: ['sdk', 'packages/sdk/test/client/tabs.test.ts'],
  },
  {
    name: 'signing out: what is left behind is not read any more',
    file: 'packages/sdk/src/saved/keeper.ts',
    code: 'const acting = finish().then(act)',
    without: 'const acting = Promise.resolve().then(act)',
    tests: ['sdk', 'packages/sdk/test/client/principal.test.ts'],
  },
  {
    name: 'another principal: nothing of the one before is shown',
    file: 'packages/sdk/src/followed-sessions.ts',
    code: 'for (const { blank } of Array.from(attachments.values())) blank()',
    without: '',
    tests: ['sdk', 'packages/sdk/test/client/principal.test.ts'],
  },
  {
    name: 'command ids: a command that is under way is not begun again',
    file: 'packages/server/src/session/commands.ts',
    code: 'if (same !== undefined) return',
    without: 'if (false) return',
    tests: ['server', 'packages/server/test/session/runs.test.ts'],
  },
  {
    name: 'command ids: a command that took effect is remembered',
    file: 'packages/server/src/session/commands.ts',
    code: 'if (before === undefined) return take(runs, frame)',
    without: 'return take(runs, frame)',
    tests: ['server', 'packages/server/test/session/runs.test.ts'],
  },
  {
    name: 'mark check: a cursor of another journal resumes nothing',
    file: 'packages/server/src/journal/attach-verdict.ts',
    code: 'mark === kept ?',
    without: 'true ?',
    tests: ['server', 'packages/server/test/journal/attach-verdict.test.ts', 'packages/server/test/session/attach.test.ts'],
  },
  {
    name: 'store first: viewers see nothing that is not stored',
    file: 'packages/server/src/journal/journal.ts',
    code: 'const failure = await this.#store({ session: this.#start.session, fence: this.#start.fence, after: this.#head, batch, effects })',
    without:
      'if (batch !== undefined) this.#start.onStored(batch, events)\n      const failure = await this.#store({ session: this.#start.session, fence: this.#start.fence, after: this.#head, batch, effects })',
    tests: ['server', 'packages/server/test/journal/journal.test.ts'],
  },
  {
    name: 'fence: a node that lost its lease writes no more',
    file: 'packages/server/src/store/judge-append.ts',
    code: "return { kind: 'fenced' }",
    without: 'void 0',
    tests: ['server', 'packages/server/test/store/judge-append.test.ts', 'packages/server/test/store/memory-store.test.ts'],
  },
]

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const copy = mkdtempSync(join(tmpdir(), 'throughline-defences-'))
const SKIPPED = new Set(['dist', '.git', '.throughline', 'shots'])

cpSync(root, copy, {
  recursive: true,
  verbatimSymlinks: true,
  filter: (source) => source !== join(root, 'node_modules') && !SKIPPED.has(basename(source)),
})
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

function run([project, ...files]) {
  return (
    spawnSync('node_modules/.bin/vitest', ['run', '--project', project, '--bail=1', ...files], { cwd: copy, stdio: 'pipe' }).status === 0
  )
}

// With all defences in place the tests must pass, or their failing below would prove nothing.
for (const project of ['sdk', 'server']) {
  const files = new Set(DEFENCES.filter(({ tests }) => tests[0] === project).flatMap(({ tests }) => tests.slice(1)))
  if (run([project, ...files])) continue
  process.stdout.write(`✗ the tests of ${project} fail with every defence in place\n`)
  process.exit(1)
}

let unnoticed = 0
for (const { name, file, code, without, tests } of DEFENCES) {
  const path = join(copy, file)
  const whole = readFileSync(path, 'utf8')
  if (whole.split(code).length !== 2) {
    process.stdout.write(`✗ ${name}: ${file} does not have it once, as this list says\n`)
    unnoticed += 1
    continue
  }
  writeFileSync(
    path,
    whole.replace(code, () => without),
  )
  const isUnnoticed = run(tests)
  writeFileSync(path, whole)
  if (isUnnoticed) unnoticed += 1
  process.stdout.write(`${isUnnoticed ? '✗ nothing failed without it:' : '✓'} ${name}\n`)
}
rmSync(copy, { recursive: true, force: true })
process.stdout.write(`${DEFENCES.length - unnoticed} defences guarded, ${unnoticed} not\n`)
process.exitCode = unnoticed === 0 ? 0 : 1
