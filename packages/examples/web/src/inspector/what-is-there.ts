import type { ChartPlan, LanePlan } from './chart-plan.ts'
import type { Lanes } from './lanes.ts'
import type { InspectorRecord } from './record.ts'

const REACH_PX = 9

/** Finds the record nearest to a point of the chart; rare marks win over the many batches. */
export function whatIsThere(plan: ChartPlan, lanes: Lanes, x: number, y: number): InspectorRecord | undefined {
  if (y < plan.line.top + plan.line.height) return nearest(lanes.marks, plan, x)
  const found = plan.lanes.find(({ top, height }) => y >= top - 4 && y <= top + height + 4)
  return found && inLane(found, plan, x)
}

function inLane({ lane }: LanePlan, plan: ChartPlan, x: number): InspectorRecord | undefined {
  return nearest(lane.marks, plan, x) ?? nearest(lane.batches, plan, x)
}

function nearest<Record extends { readonly at: number }>(records: readonly Record[], plan: ChartPlan, x: number): Record | undefined {
  let best: Record | undefined
  let distance = REACH_PX
  for (const record of records) {
    const away = Math.abs(plan.xOf(record.at) - x)
    if (away <= distance) {
      best = record
      distance = away
    }
  }
  return best
}
