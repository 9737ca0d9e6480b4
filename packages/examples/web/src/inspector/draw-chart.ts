import type { ChartPlan } from './chart-plan.ts'
import { drawLane } from './draw-lane.ts'
import { drawWhole, drawWords } from './draw-words.ts'
import type { Lanes, LineMark } from './lanes.ts'
import type { Palette } from './palette.ts'
import { recordWords } from './record-words.ts'

/** Draws the last minute: the line on top, a lane each session, and over all of them the times when a switch was on. */
export function drawChart(
  pen: CanvasRenderingContext2D,
  plan: ChartPlan,
  lanes: Lanes,
  palette: Palette,
  titleOf: (session: string) => string,
): void {
  pen.clearRect(0, 0, plan.width, plan.height)
  pen.font = `11px ${palette.font}`
  pen.textBaseline = 'middle'
  drawTime(pen, plan, palette)
  drawSwitches(pen, plan, lanes, palette)
  drawLine(pen, plan, lanes, palette)
  for (const lane of plan.lanes) drawLane(pen, plan, lane, palette, titleOf(lane.lane.session))
}

const GRID_S = 10

function drawTime(pen: CanvasRenderingContext2D, plan: ChartPlan, { line, faint }: Palette): void {
  pen.fillStyle = faint
  pen.strokeStyle = line
  pen.lineWidth = 1
  for (let ago = 0; ago <= 60; ago += GRID_S) {
    const x = Math.round(plan.xOf(plan.now - ago * 1000)) + 0.5
    pen.beginPath()
    pen.moveTo(x, plan.line.top)
    pen.lineTo(x, plan.axisTop)
    pen.stroke()
    pen.textAlign = ago === 0 ? 'right' : 'center'
    pen.fillText(ago === 0 ? 'now' : `−${ago} s`, x, plan.axisTop + 11)
  }
  pen.textAlign = 'left'
}

const SWITCH_WORDS = { cut: 'cut', hole: 'black hole', stall: 'not reading', refuse: 'no WebSockets' } as const

function drawSwitches(pen: CanvasRenderingContext2D, plan: ChartPlan, lanes: Lanes, palette: Palette): void {
  for (const [index, { name, from, to }] of lanes.switches.entries()) {
    const x = plan.xOf(from)
    const width = plan.xOf(to ?? plan.now) - x
    pen.fillStyle = palette.noticeWash
    pen.fillRect(x, plan.line.top, width, plan.axisTop - plan.line.top)
    pen.fillStyle = palette.notice
    pen.fillRect(x, plan.axisTop - 2, width, 2)
    // They may stand over what comes after it, but not over the next switch.
    const next = lanes.switches[index + 1]
    drawWhole(pen, SWITCH_WORDS[name], x + 4, plan.axisTop - 10, (next ? plan.xOf(next.from) : plan.right) - x - 8)
  }
}

const BAND_HEIGHT = 14

function drawLine(pen: CanvasRenderingContext2D, plan: ChartPlan, lanes: Lanes, palette: Palette): void {
  const colours = {
    live: palette.accent,
    connecting: palette.notice,
    waiting: palette.notice,
    paused: palette.faint,
    idle: palette.line,
    closed: palette.bad,
  }
  const { top } = plan.line
  pen.fillStyle = palette.ink
  drawWords(pen, 'The line', 12, top + BAND_HEIGHT / 2, plan.left - 20)
  for (const { name, from, to } of lanes.states) {
    const x = plan.xOf(from)
    const width = plan.xOf(to ?? plan.now) - x
    pen.fillStyle = colours[name]
    pen.beginPath()
    pen.roundRect(x, top, Math.max(1.5, width - 1), BAND_HEIGHT, 3)
    pen.fill()
    pen.fillStyle = palette.surface
    drawWhole(pen, name, x + 6, top + BAND_HEIGHT / 2 + 0.5, width - 10)
  }
  drawLineMarks(pen, plan, lanes, palette)
}

function drawLineMarks(pen: CanvasRenderingContext2D, plan: ChartPlan, lanes: Lanes, palette: Palette): void {
  const y = plan.line.top + BAND_HEIGHT + 11
  for (const [index, mark] of lanes.marks.entries()) {
    const x = plan.xOf(mark.at)
    const next = plan.xOf(lanes.marks[index + 1]?.at ?? plan.now)
    const { label, detail } = recordWords(mark)
    pen.fillStyle = markColour(mark, palette)
    pen.beginPath()
    pen.moveTo(x, y - 7)
    pen.lineTo(x + 4, y)
    pen.lineTo(x - 4, y)
    pen.fill()
    // Words only where the next mark leaves room for them.
    const words = lineWords(mark, label, detail)
    pen.fillStyle = palette.faint
    drawWhole(pen, words, x + 7, y - 2, next - x - 12)
  }
}

function lineWords(mark: LineMark, label: string, detail: string): string {
  if (mark.type === 'wake') return detail
  if (mark.type === 'answer') return `${mark.ms} ms`
  if (mark.type === 'transport') return mark.transport
  return mark.type === 'http' ? label : label.toLowerCase()
}

function markColour(mark: LineMark, { bad, notice, accent, faint }: Palette): string {
  const { tone } = recordWords(mark)
  return { bad, notice, good: accent, plain: faint }[tone]
}
