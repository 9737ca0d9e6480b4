import type { Run } from '@throughline/sdk/protocol'
import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import type { Row } from './rows.ts'

/** The end of a timeline whose run is under way: what the agent is at, where it says so. */
export function workingView(): View<Extract<Row, { kind: 'working' }>> {
  const words = element('span', { class: 'while-here' })
  const root = element(
    'div',
    { class: 'working', 'data-testid': 'working' },
    element('span', { class: 'thread-end', 'aria-hidden': true }),
    words,
    element('span', { class: 'while-away' }, 'It was at work when the connection was lost. It does not need this page to go on.'),
  )
  return {
    element: root,
    update({ run }) {
      root.dataset['status'] = run.state.status
      setText(words, workingWords(run))
    },
  }
}

function workingWords(run: Run): string {
  if (run.state.status === 'stopping') return 'Stopping…'
  const steps = (run.steps ?? []).map((step) => step.name)
  const subagents = (run.subagents ?? []).flatMap((subagent) => (subagent.status === 'running' ? [subagent.name] : []))
  const doing = [...steps, ...subagents]
  return doing.length === 0 ? 'Working…' : `${doing.join(', ')}…`
}
