// Installs, builds, type-checks, lints and runs every test: what CI runs, and all of it.
import { readFileSync } from 'node:fs'
import { PNPM, requireNode, step } from './steps.mjs'

const REPORT = 'node_modules/.vitest-report.json'

requireNode(20, 19)
step('Installing', [...PNPM, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'])
step('Building', [...PNPM, '--silent', 'build'])
step('Type-checking', [...PNPM, '--silent', 'typecheck'])
step('Linting and checking the format', [...PNPM, '--silent', 'lint'])
step('Looking for unused code and dependencies', [...PNPM, '--silent', 'unused'])
step('Checking the packages', [...PNPM, '--silent', 'package-check'])
step('Weighing the SDK', [...PNPM, '--silent', 'size'])
step('Running the tests', [...PNPM, '--silent', 'unit', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`])

step('Removing each defence in turn', [...PNPM, '--silent', 'defences'])

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(REPORT, 'utf8'))
process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`)
