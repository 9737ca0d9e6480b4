import type { ChartPlan, LanePlan } from './chart-plan.ts'
import { drawWhole, drawWords } from './draw-words.ts'
import type { LaneMark, LanePoint } from './lanes.ts'
import type { Palette } from './palette.ts'

/** Draws one session: its batches as bars, the head as a thin line, the cursor below it, what happened as marks. */
export function drawLane(pen: CanvasRenderingContext2D, plan: ChartPlan, lane: LanePlan, palette: Palette, title: string): void {
  drawName(pen, plan, lane, palette, title)
  pen.save()
  pen.beginPath()
  pen.rect(plan.left, lane.top - 2, plan.right - plan.left, lane.height + 4)
  pen.clip()
  drawBatches(pen, plan, lane, palette)
  drawBehind(pen, plan, lane, palette)
  drawSteps(pen, plan, lane, (point) => point.head, palette.faint, 1)
  drawSteps(pen, plan, lane, (point) => point.cursor, palette.accent, 2)
  pen.restore()
  for (const [index, mark] of lane.lane.marks.entries()) drawMark(pen, plan, lane, palette, mark, lane.lane.marks[index + 1])
}

function drawName(pen: CanvasRenderingContext2D, plan: ChartPlan, { lane, top, height }: LanePlan, palette: Palette, title: string): void {
  const last = lane.points.at(-1) ?? { cursor: 0, head: 0 }
  const behind = last.head - last.cursor
  const room = plan.left - 22
  pen.fillStyle = palette.ink
  drawWords(pen, title, 12, top + 10, room)
  pen.fillStyle = palette.faint
  drawWords(pen, `cursor ${last.cursor}`, 12, top + 26, room)
  pen.fillStyle = behind > 0 ? palette.notice : palette.faint
  drawWords(pen, behind > 0 ? `${behind} behind` : `head ${last.head}`, 12, top + 41, room)
  pen.fillStyle = palette.line
  pen.fillRect(plan.left, top + height, plan.right - plan.left, 1)
}

const LEAST_BAR = 3

/** One bar a pixel: of a hundred batches a second the largest stands for its neighbours. */
function drawBatches(pen: CanvasRenderingContext2D, plan: ChartPlan, { lane, top, height }: LanePlan, palette: Palette): void {
  const foot = top + height
  let column = { x: -1, bar: 0, merged: false }
  const draw = (): void => {
    pen.fillStyle = column.merged ? palette.notice : palette.wash
    pen.fillRect(column.x - 1, foot - column.bar, column.merged ? 3 : 2, column.bar)
  }
  for (const batch of lane.batches) {
    const x = Math.round(plan.xOf(batch.at))
    const bar = Math.min(height, LEAST_BAR + Math.log2(batch.to - batch.from + 1) * 5)
    if (x !== column.x) {
      draw()
      column = { x, bar, merged: batch.merged }
    } else {
      column = { x, bar: Math.max(bar, column.bar), merged: column.merged || batch.merged }
    }
  }
  draw()
}

/** The room between cursor and head: what the page knows it does not have. */
function drawBehind(pen: CanvasRenderingContext2D, plan: ChartPlan, { lane, yOf }: LanePlan, palette: Palette): void {
  pen.fillStyle = palette.noticeWash
  for (const [index, point] of lane.points.entries()) {
    if (point.head <= point.cursor) continue
    const x = plan.xOf(point.at)
    const end = plan.xOf(lane.points[index + 1]?.at ?? plan.now)
    pen.fillRect(x, yOf(point.head), end - x, yOf(point.cursor) - yOf(point.head))
  }
}

function drawSteps(
  pen: CanvasRenderingContext2D,
  plan: ChartPlan,
  { lane, yOf }: LanePlan,
  seqOf: (point: LanePoint) => number,
  colour: string,
  width: number,
): void {
  const [first] = lane.points
  if (first === undefined) return
  pen.strokeStyle = colour
  pen.lineWidth = width
  pen.beginPath()
  pen.moveTo(plan.xOf(first.at), yOf(seqOf(first)))
  let y = yOf(seqOf(first))
  let drawn = plan.left - 1
  for (const point of lane.points) {
    const x = plan.xOf(point.at)
    // More than one step a pixel cannot be seen.
    if (x - drawn < 1 && point !== lane.points.at(-1)) continue
    pen.lineTo(x, y)
    y = yOf(seqOf(point))
    pen.lineTo(x, y)
    drawn = x
  }
  pen.lineTo(plan.right, y)
  pen.stroke()
}

const MARK_WORDS: Readonly<Record<Exclude<LaneMark['type'], 'attached'>, string>> = {
  duplicate: 'duplicate',
  gap: 'gap',
  damage: 'damage',
  detached: 'detached',
  send: 'sent',
  resend: 'sent again',
  painted: 'from storage',
}

/** Draws a mark and, where the next one leaves room, its words. */
function drawMark(
  pen: CanvasRenderingContext2D,
  plan: ChartPlan,
  { top, height }: LanePlan,
  palette: Palette,
  mark: LaneMark,
  next: LaneMark | undefined,
): void {
  const x = Math.round(plan.xOf(mark.at)) + 0.5
  const colour = markColour(mark, palette)
  pen.strokeStyle = colour
  pen.fillStyle = colour
  pen.lineWidth = 1
  pen.setLineDash(mark.type === 'attached' ? [] : [2, 2])
  pen.beginPath()
  pen.moveTo(x, top)
  pen.lineTo(x, top + height)
  pen.stroke()
  pen.setLineDash([])
  pen.beginPath()
  pen.arc(x, top, 3, 0, 2 * Math.PI)
  pen.fill()
  drawWhole(pen, markWords(mark), x + 7, top + 5, plan.xOf(next?.at ?? plan.now) - x - 12)
}

function markWords(mark: LaneMark): string {
  if (mark.type !== 'attached') return MARK_WORDS[mark.type]
  if (mark.resumed) return 'resumed'
  return mark.reason === 'no_cursor' ? 'first load' : `snapshot: ${(mark.reason ?? '').replaceAll('_', ' ')}`
}

function markColour(mark: LaneMark, palette: Palette): string {
  switch (mark.type) {
    case 'attached':
      return mark.resumed ? palette.accent : mark.reason === 'no_cursor' ? palette.faint : palette.notice
    case 'painted':
      return palette.faint
    case 'gap':
    case 'damage':
      return palette.bad
    case 'duplicate':
    case 'detached':
    case 'send':
    case 'resend':
      return palette.notice
    default:
      return mark satisfies never
  }
}
