import { button } from '../dom/button.ts'
import { canCopy, copyButton } from '../dom/copy-button.ts'
import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import type { Row } from './rows.ts'
import { runEnding } from './run-ending.ts'
import type { TimelineActs } from './timeline-acts.ts'

type RunEndRow = Extract<Row, { kind: 'run-end' }>

/** The end of a run: a quiet line where all went well, a marker where it did not. */
export function runEndView(acts: TimelineActs, report: (error: unknown) => void): View<RunEndRow> {
  const title = element('span', { class: 'run-end-title' })
  const detail = element('span', { class: 'run-end-detail' })
  const again = button({ label: 'Answer again', icon: 'again', testid: 'regenerate', onPress: () => void acts.regenerate().catch(report) })
  let row: RunEndRow | undefined
  const copy = copyButton(() => (row === undefined ? '' : acts.answerOf(row.run.id)))
  const root = element('div', { class: 'run-end', 'data-testid': 'run-end' }, element('p', {}, title, detail), copy, again)
  return {
    element: root,
    update(next) {
      row = next
      const { run, repeatable, asking, said } = next
      const ending = runEnding(run, asking)
      root.dataset['tone'] = ending?.tone ?? 'quiet'
      root.dataset['outcome'] = run.state.status
      setText(title, ending?.title ?? '')
      setText(detail, ending?.detail ?? '')
      again.hidden = !repeatable
      copy.hidden = !said || !canCopy()
      root.classList.toggle('is-last', repeatable)
      root.hidden = ending === undefined
    },
  }
}
