import type { QueuedMessage } from '@throughline/sdk/protocol'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import { keyedList, sameFields } from '../dom/keyed-list.ts'
import type { View } from '../dom/view.ts'
import { inOneLine } from '../parts/json-block.ts'

interface Waiting {
  readonly queued: QueuedMessage
  readonly isNext: boolean
}

/** Messages that wait for their turn, each with a way to take it back. */
export function queueView(
  takeBack: (messageId: string) => Promise<unknown>,
  report: (error: unknown) => void,
): View<readonly QueuedMessage[]> {
  const items = element('ol', { class: 'queue-items' })
  const root = element('section', { class: 'queue', hidden: true, 'data-testid': 'queue', 'aria-label': 'Waiting messages' }, items)
  const list = keyedList<Waiting>(items, { keyOf: ({ queued }) => queued.message.id, create: waitingView, same: sameFields })

  function waitingView({ queued: { message } }: Waiting): View<Waiting> {
    const mark = element('span', { class: 'queue-mark' })
    const text = element('span', { class: 'queue-text' })
    const back = button({ label: 'Take back', icon: 'close', testid: 'unqueue', onPress: () => void settle() })

    async function settle(): Promise<void> {
      back.disabled = true
      try {
        await takeBack(message.id)
      } catch (error) {
        back.disabled = false
        report(error)
      }
    }

    return {
      element: element('li', { class: 'queue-item', 'data-testid': 'queued' }, mark, text, back),
      update({ queued, isNext }) {
        setText(mark, isNext ? 'Next' : 'Then')
        setText(text, inOneLine(textOf(queued), 400))
      },
    }
  }

  return {
    element: root,
    update(queue) {
      root.hidden = queue.length === 0
      list.update(queue.map((queued, index) => ({ queued, isNext: index === 0 })))
    },
    dispose: list.dispose,
  }
}

function textOf({ message: { content } }: QueuedMessage): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join(' ')
}
