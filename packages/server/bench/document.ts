import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readResult, tableOf } from './results.ts'
import { WORKS } from './works/all.ts'

const PAGE = fileURLToPath(new URL('../../../../docs/performance.md', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const BEGIN = '<!-- tables: made by `pnpm bench:table` from packages/server/bench/results -->'
const END = '<!-- end of tables -->'

/** Puts the kept results into docs/performance.md. */
export function writeTables(): void {
  const page = readFileSync(PAGE, 'utf8')
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${PAGE} lacks the two lines that tables stand between`)
  const tables = WORKS.flatMap((work) => {
    const result = readResult(work.name)
    if (result === undefined) return []
    const { machine, versions, at, runs } = result
    const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    const where = `${at.slice(0, 16).replace('T', ' ')} UTC · ${machine.commit} · ${runs} runs · ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`
    return [`### ${work.name}: ${work.title}`, work.text, tableOf(work, result), `<sub>${[where, ...used].join(' · ')}</sub>`]
  })
  writeFileSync(PAGE, [page.slice(0, begin) + BEGIN, ...tables, page.slice(end)].join('\n\n'))
  // As everything in the repository is formatted, the kept results too.
  execFileSync('node_modules/.bin/oxfmt', [PAGE, 'packages/server/bench/results'], { cwd: ROOT, stdio: 'ignore' })
}
