import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import type { Tally } from './tally.ts'

const LABELS: Readonly<Record<keyof Tally, readonly [label: string, title: string]>> = {
  events: ['events', 'Events applied, each exactly once'],
  batches: ['batches', 'Frames that they came in'],
  merged: ['merged', 'Batches whose deltas were merged, because the page was behind'],
  duplicates: ['duplicates dropped', 'Batches that had been applied before'],
  gaps: ['gaps', 'Batches that did not follow the cursor: each one replaced the link'],
  links: ['links', 'Connections that got their welcome'],
  resumes: ['resumes', 'Attaches that went on from the cursor'],
  snapshots: ['snapshots', 'Attaches that began with a whole transcript'],
  resends: ['sent again', 'Commands that were sent a second time; they have effect once'],
}

/** The counters of the inspector. */
export function tallyView(): View<Tally> {
  const names = Object.keys(LABELS) as (keyof Tally)[]
  const values = new Map(names.map((name) => [name, element('dd', { 'data-testid': `tally-${name}` }, '0')]))
  const root = element(
    'dl',
    { class: 'tally' },
    ...names.map((name) => element('div', { title: LABELS[name][1] }, element('dt', {}, LABELS[name][0]), values.get(name))),
  )
  return {
    element: root,
    update(tally) {
      for (const [name, value] of values) setText(value, tally[name].toLocaleString('en'))
    },
  }
}
