import type { Lane, Lanes } from './lanes.ts'

/** How much of the past the chart shows. */
export const WINDOW_MS = 60_000

/** Where one session is drawn, and between which numbers. */
export interface LanePlan {
  readonly lane: Lane
  readonly top: number
  readonly height: number
  /** Where a seq stands, from the lane's lowest number of the last minute to its highest. */
  readonly yOf: (seq: number) => number
}

/** Where everything is drawn. */
export interface ChartPlan {
  readonly width: number
  readonly height: number
  readonly now: number
  /** The first pixel to the right of the names. */
  readonly left: number
  readonly right: number
  readonly line: { readonly top: number; readonly height: number }
  readonly lanes: readonly LanePlan[]
  readonly axisTop: number
  readonly xOf: (at: number) => number
  readonly atOf: (x: number) => number
}

const AXIS_HEIGHT = 20
const LINE_TOP = 6
const LINE_HEIGHT = 34
const LANE_GAP = 10
const LEAST_LANE = 54
const MOST_LANE = 120
/** Room for the words of marks above the lines, and for a bar's foot below them. */
const ABOVE = 14
const BELOW = 6

/** The height that the chart needs to draw so many lanes legibly. */
export function heightFor(lanes: number): number {
  return LINE_TOP + LINE_HEIGHT + Math.max(1, lanes) * (LEAST_LANE + LANE_GAP) + AXIS_HEIGHT
}

/** Lays the chart out: the line on top, a lane each session, time from left to right. */
export function planChart(
  lanes: Lanes,
  { width, height, now }: { readonly width: number; readonly height: number; readonly now: number },
): ChartPlan {
  const left = width < 520 ? 112 : 148
  const right = width - 12
  const axisTop = height - AXIS_HEIGHT
  const drawn = [...lanes.sessions.values()].filter((lane) => lane.points.length > 0)
  const room = (axisTop - LINE_TOP - LINE_HEIGHT) / Math.max(1, drawn.length) - LANE_GAP
  const laneHeight = Math.min(MOST_LANE, Math.max(LEAST_LANE, room))
  const perMs = (right - left) / WINDOW_MS
  return {
    width,
    height,
    now,
    left,
    right,
    axisTop,
    line: { top: LINE_TOP, height: LINE_HEIGHT },
    lanes: drawn.map((lane, index) => planLane(lane, LINE_TOP + LINE_HEIGHT + LANE_GAP + index * (laneHeight + LANE_GAP), laneHeight)),
    xOf: (at) => Math.max(left, right - (now - at) * perMs),
    atOf: (x) => now - (right - x) / perMs,
  }
}

function planLane(lane: Lane, top: number, height: number): LanePlan {
  const lowest = lane.points[0]?.cursor ?? 0
  const highest = Math.max(lowest + 1, ...lane.points.slice(-1).map((point) => Math.max(point.cursor, point.head)))
  const plot = height - ABOVE - BELOW
  return { lane, top, height, yOf: (seq) => top + height - BELOW - ((seq - lowest) / (highest - lowest)) * plot }
}
