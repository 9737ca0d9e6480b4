import type { ToolPart, ToolStatus } from '@throughline/sdk/protocol'
import { element, setText } from '../dom/element.ts'
import { icon } from '../dom/icon.ts'
import type { View } from '../dom/view.ts'
import { disclosure } from './disclosure.ts'
import { between } from './duration-words.ts'
import { inOneLine, jsonBlock } from './json-block.ts'

const STATUS_WORDS: Readonly<Record<ToolStatus, string>> = {
  input: 'Preparing…',
  running: 'Running…',
  done: 'Done',
  cancelled: 'Stopped before its result',
  interrupted: 'Cut off before its result',
}

/** A tool call: one card from its first argument to its result. */
export function toolView(): View<ToolPart> {
  const shell = disclosure('tool')
  const name = element('span', { class: 'tool-name', 'data-testid': 'tool-name' })
  const preview = element('span', { class: 'tool-preview' })
  const status = element('span', { class: 'tool-status', 'data-testid': 'tool-status' })
  shell.summary.append(icon('tool'), name, preview, status)
  shell.element.dataset['testid'] = 'tool'

  const args = jsonBlock()
  const result = jsonBlock()
  const resultBox = element('div', { class: 'tool-field' }, element('h4', {}, 'Result'), result.element)
  shell.body.append(element('div', { class: 'tool-field' }, element('h4', {}, 'Arguments'), args.element), resultBox)

  return {
    element: shell.element,
    update(part) {
      const failed = part.result?.error
      shell.element.dataset['status'] = failed === undefined ? part.status : 'failed'
      setText(name, part.name === '' ? 'Unnamed tool' : part.name)
      setText(preview, inOneLine(part.args))
      setText(status, failed === undefined ? statusWords(part) : 'Failed')
      args.update(part.args)
      resultBox.hidden = part.result === undefined
      if (part.result !== undefined) result.update(failed ?? resultText(part.result.content))
    },
  }
}

function statusWords(part: ToolPart): string {
  const time = part.status === 'done' ? between(part.at, part.endedAt) : undefined
  return time === undefined ? STATUS_WORDS[part.status] : `Done in ${time}`
}

function resultText(content: NonNullable<ToolPart['result']>['content']): unknown {
  if (typeof content === 'string') return content
  const only = content.length === 1 ? content[0] : undefined
  return only?.type === 'text' ? only.text : content
}
