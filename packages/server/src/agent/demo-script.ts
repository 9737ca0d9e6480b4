/** One thing that the demo agent does; a message is a list of them. */
export type DemoStep =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'tokens'; readonly count: number; readonly everyMs: number }
  | { readonly kind: 'think' }
  | { readonly kind: 'tool'; readonly name: string }
  | { readonly kind: 'ask'; readonly question: string }
  | { readonly kind: 'state' }
  | { readonly kind: 'activity' }
  | { readonly kind: 'custom'; readonly text: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'ignore-stop' }
  | { readonly kind: 'puzzled'; readonly line: string; readonly hint: string }

/** Reads a message: lines that begin with a command are obeyed in order, what stands between them is answered. */
export function readDemoScript(message: string): readonly DemoStep[] {
  const steps: DemoStep[] = []
  let words: string[] = []
  const answer = () => {
    const text = words.join('\n').trim()
    if (text !== '') steps.push({ kind: 'answer', text })
    words = []
  }
  for (const line of message.split('\n')) {
    const step = readCommand(line.trim())
    if (step === undefined) {
      words.push(line)
    } else {
      answer()
      steps.push(step)
    }
  }
  answer()
  // Thinking is for an answer that follows, and so is a message without any words.
  if (steps.length === 0 || steps.at(-1)?.kind === 'think') steps.push({ kind: 'answer', text: '' })
  return steps
}

/** Only `/word` alone or before a space is a command, so that a path in a sentence, or at its beginning, stays what it is. */
const COMMAND = /^\/([a-z][a-z-]*)(?:\s+(.*))?$/

function readCommand(line: string): DemoStep | undefined {
  const match = COMMAND.exec(line)
  if (match === null) return undefined
  const [, command = '', rest = ''] = match
  switch (command) {
    case 'tokens':
      return readTokens(line, rest)
    case 'tool':
      return { kind: 'tool', name: rest === '' ? 'lookup' : rest.replaceAll(/\s+/g, '_') }
    case 'ask':
      return { kind: 'ask', question: rest === '' ? 'Which colour do you like best?' : rest }
    case 'custom':
      return { kind: 'custom', text: rest === '' ? 'A note from the demo agent.' : rest }
    case 'think':
    case 'state':
    case 'activity':
    case 'help':
    case 'fail':
    case 'hang':
    case 'ignore-stop':
      return { kind: command }
    default:
      return { kind: 'puzzled', line, hint: '`/help` lists the lines that I obey' }
  }
}

const MOST_TOKENS = 1_000_000
const LONGEST_PAUSE_MS = 60_000

function readTokens(line: string, rest: string): DemoStep {
  const [count = 200, everyMs = 20, ...more] = rest === '' ? [] : rest.split(/\s+/).map(Number)
  const fits = more.length === 0 && isWhole(count, MOST_TOKENS) && isWhole(everyMs, LONGEST_PAUSE_MS)
  if (fits) return { kind: 'tokens', count, everyMs }
  return {
    kind: 'puzzled',
    line,
    hint: `give me a number of tokens (at most ${MOST_TOKENS}) and a pause in milliseconds (at most ${LONGEST_PAUSE_MS}), as in \`/tokens 500 20\``,
  }
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most
}
