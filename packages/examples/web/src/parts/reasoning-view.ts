import type { ReasoningPart } from '@throughline/sdk/protocol'
import { setAttribute, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { markdownView } from '../markdown/markdown-view.ts'
import { disclosure } from './disclosure.ts'
import { between } from './duration-words.ts'

/** What an agent thought: open while it thinks, out of the way afterwards. */
export function reasoningView(): View<ReasoningPart> {
  const shell = disclosure('reasoning')
  const prose = markdownView()
  shell.body.append(prose.element)
  shell.element.dataset['testid'] = 'reasoning'
  return {
    element: shell.element,
    update(part) {
      const open = part.open === true
      prose.update({ text: part.text, open })
      setAttribute(shell.element, 'data-open', open)
      setText(shell.summary, open ? 'Thinking…' : thoughtWords(part))
      shell.suggest(open)
    },
  }
}

function thoughtWords(part: ReasoningPart): string {
  const time = between(part.at, part.endedAt)
  return time === undefined ? 'Thought' : `Thought for ${time}`
}
