import { argv, stdout } from 'node:process'
import { comeBack } from './come-back.ts'

// A command of Node, Bun or Deno. It ends by itself, which shows that a closed client keeps nothing alive.
const [, , server = '', cut = ''] = argv
stdout.write(`${JSON.stringify(await comeBack({ server, cut }))}\n`)
