import type { View } from '../dom/view.ts'
import { messageView } from './message-view.ts'
import { questionView } from './question-view.ts'
import type { Row } from './rows.ts'
import { runEndView } from './run-end-view.ts'
import type { TimelineActs } from './timeline-acts.ts'
import { workingView } from './working-view.ts'

/** Makes the view of a row of this kind. */
export function rowView(row: Row, acts: TimelineActs, report: (error: unknown) => void): View<Row> {
  // A row's key begins with its kind, so a view is never given a row of another kind.
  return viewOf(row, acts, report) as View<Row>
}

function viewOf(row: Row, acts: TimelineActs, report: (error: unknown) => void): View<never> {
  switch (row.kind) {
    case 'message':
      return messageView(row, acts)
    case 'question':
      return questionView(acts)
    case 'run-end':
      return runEndView(acts, report)
    case 'working':
      return workingView()
    default:
      return row satisfies never
  }
}
