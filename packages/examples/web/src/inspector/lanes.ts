import type { InspectorRecord, RecordOf } from './record.ts'

/** Where a session stood from a moment on: what the page had applied, and what it knew the journal to hold. */
export interface LanePoint {
  readonly at: number
  readonly cursor: number
  readonly head: number
}

/** One session over time. */
export interface Lane {
  readonly session: string
  readonly points: LanePoint[]
  readonly batches: RecordOf<'batch'>[]
  readonly marks: LaneMark[]
}

/** Something that happened to a session at one moment. */
export type LaneMark = RecordOf<'attached' | 'duplicate' | 'gap' | 'damage' | 'detached' | 'send' | 'resend' | 'painted'>

/** Something that happened to the line at one moment. */
export type LineMark = RecordOf<'wake' | 'probe' | 'answer' | 'spare' | 'lost' | 'bye' | 'transport' | 'token' | 'http' | 'unsaved'>

/** A stretch of time with one state; open where it still lasts. */
export interface Stretch<Name> {
  readonly name: Name
  readonly from: number
  readonly to?: number
}

/** All that the chart draws. */
export interface Lanes {
  readonly sessions: Map<string, Lane>
  readonly states: Stretch<RecordOf<'state'>['status']>[]
  readonly switches: Stretch<RecordOf<'switch'>['name']>[]
  readonly marks: LineMark[]
}

/** Lanes of which nothing is known yet. */
export function emptyLanes(): Lanes {
  return { sessions: new Map(), states: [], switches: [], marks: [] }
}

/** Adds a record to the lanes; the records of a page come in the order of their time. */
export function addToLanes(lanes: Lanes, record: InspectorRecord): void {
  switch (record.type) {
    case 'state':
      endStretch(lanes.states, () => true, record.at)
      lanes.states.push({ name: record.status, from: record.at })
      return
    case 'switch':
      if (record.on) lanes.switches.push({ name: record.name, from: record.at })
      else endStretch(lanes.switches, (name) => name === record.name, record.at)
      return
    case 'wake':
    case 'probe':
    case 'answer':
    case 'spare':
    case 'transport':
    case 'token':
    case 'http':
    case 'unsaved':
    case 'lost':
    case 'bye':
      lanes.marks.push(record)
      return
    case 'attached':
      // Before anything is applied the cursor stands at the snapshot, or where it stood.
      stand(lanes, record, (point) => ({ cursor: record.seq, head: Math.max(point.head, record.head) }))
      laneOf(lanes, record.session).marks.push(record)
      return
    case 'painted':
      stand(lanes, record, (point) => ({ cursor: record.seq, head: Math.max(point.head, record.seq) }))
      laneOf(lanes, record.session).marks.push(record)
      return
    case 'batch':
      stand(lanes, record, (point) => ({ cursor: record.to, head: Math.max(point.head, record.to) }))
      laneOf(lanes, record.session).batches.push(record)
      return
    case 'unseen':
      stand(lanes, record, (point) => ({ cursor: point.cursor, head: Math.max(point.head, record.to) }))
      return
    case 'duplicate':
    case 'gap':
    case 'damage':
    case 'detached':
    case 'resend':
      laneOf(lanes, record.session).marks.push(record)
      return
    default:
  }
}

/** Forgets what ended before a moment, but not where each session stood at it. */
export function forgetBefore(lanes: Lanes, at: number): void {
  dropWhile(lanes.states, (stretch) => stretch.to !== undefined && stretch.to < at)
  dropWhile(lanes.switches, (stretch) => stretch.to !== undefined && stretch.to < at)
  dropWhile(lanes.marks, (mark) => mark.at < at)
  for (const lane of lanes.sessions.values()) {
    dropWhile(lane.points, (_, next) => next !== undefined && next.at < at)
    dropWhile(lane.batches, (batch) => batch.at < at)
    dropWhile(lane.marks, (mark) => mark.at < at)
  }
}

function laneOf(lanes: Lanes, session: string): Lane {
  const known = lanes.sessions.get(session)
  if (known !== undefined) return known
  const lane: Lane = { session, points: [], batches: [], marks: [] }
  lanes.sessions.set(session, lane)
  return lane
}

function stand(
  lanes: Lanes,
  { session, at }: { readonly session: string; readonly at: number },
  next: (now: LanePoint) => Omit<LanePoint, 'at'>,
): void {
  const { points } = laneOf(lanes, session)
  points.push({ at, ...next(points.at(-1) ?? { at, cursor: 0, head: 0 }) })
}

function endStretch<Name>(stretches: Stretch<Name>[], isIt: (name: Name) => boolean, to: number): void {
  const index = stretches.findLastIndex((stretch) => stretch.to === undefined && isIt(stretch.name))
  const open = stretches[index]
  if (open !== undefined) stretches[index] = { ...open, to }
}

function dropWhile<Item>(items: Item[], isOld: (item: Item, next: Item | undefined) => boolean): void {
  let old = 0
  for (const [index, item] of items.entries()) {
    if (!isOld(item, items[index + 1])) break
    old += 1
  }
  if (old > 0) items.splice(0, old)
}
