/** What the demo agent obeys, with what each line does; also what `/help` says. */
const TRICKS = [
  '`/tokens 500 20`: 500 tokens of 4 characters, 20 ms apart (0: as fast as it goes)',
  '`/think`: reasoning before the answer',
  '`/tool weather`: a tool call with its arguments and its result',
  '`/ask Shall I go on?`: a question that waits for you, for days if need be',
  '`/activity`: progress in a shape of its own',
  '`/state`: counts in the agent state',
  "`/custom Hello`: an event of the app's own",
  '`/fail`: fails in the middle',
  '`/hang`: waits until somebody stops it',
  '`/ignore-stop`: talks on when it is told to stop',
]

/** How `/help` answers. */
export function helpWords(): string {
  return ['I obey these lines, several of them in one message too, in their order:', ...TRICKS.map((trick) => `- ${trick}`)].join('\n')
}

/** What the demo agent says to a text. `turn` counts the person's messages, from 1. */
export function answerWords(text: string, turn: number, files: number): string {
  const said = [heard(text, turn), files === 0 ? '' : `${files === 1 ? 'A file' : `${files} files`} came with it.`]
  const advice =
    turn === 1
      ? [
          'I am the demo agent. No model is behind me: I talk at a readable pace so that there is something to interrupt.',
          'Close this tab while I am talking and open it again, or watch from a second one. I go on meanwhile, and not a word is lost or said twice.',
          `\n\n${helpWords()}`,
        ]
      : ['All of it is in the journal, so it is here in every tab and after every reload. `/help` lists what else I can do.']
  return [...said, ...advice]
    .filter((sentence) => sentence !== '')
    .join(' ')
    .replaceAll(' \n', '\n')
}

function heard(text: string, turn: number): string {
  const words = text.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return turn === 1 ? 'Hello!' : `Here I am, with your message ${turn}.`
  const count = words.length === 1 ? 'one word' : `${words.length} words`
  const backwards = words.length < 3 || words.length > 12 ? '' : ` Backwards it goes: “${words.toReversed().join(' ')}”.`
  return `You wrote “${shortened(words.join(' '))}”, ${count}${turn === 1 ? '' : ` in your message ${turn}`}.${backwards}`
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119).trimEnd()}…`
}

/** What the demo agent thinks before it answers. */
export function thoughtWords(): string {
  return 'Somebody wants to see me think. So I think: first in order, then aloud, and then no longer than need be. The answer comes next.'
}
