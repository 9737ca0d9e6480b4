import { element } from '../dom/element.ts'
import { heightFor, planChart, WINDOW_MS, type ChartPlan } from './chart-plan.ts'
import { drawChart } from './draw-chart.ts'
import { addToLanes, emptyLanes, forgetBefore } from './lanes.ts'
import { readPalette, type Palette } from './palette.ts'
import { recordWords } from './record-words.ts'
import type { InspectorRecord } from './record.ts'
import { whatIsThere } from './what-is-there.ts'

/** The last minute as a picture. The list beside it says the same in words. */
export interface Chart {
  readonly element: HTMLElement
  readonly add: (record: InspectorRecord) => void
  readonly paint: () => void
  /** Reads the colours again. */
  readonly recolour: () => void
}

/** Makes the chart; it draws only when it is told to. */
export function chart(titleOf: (session: string) => string): Chart {
  const canvas = element('canvas', {
    class: 'chart',
    role: 'img',
    'aria-label': 'The last minute of the line and of each session. The list beside it says the same in words.',
  })
  const tip = element('div', { class: 'chart-tip', hidden: true })
  const root = element('div', { class: 'chart-box', 'data-testid': 'chart' }, canvas, tip)
  const lanes = emptyLanes()
  let palette: Palette | undefined
  let plan: ChartPlan | undefined

  function paint(): void {
    const pen = canvas.getContext('2d')
    const width = root.clientWidth
    if (pen === null || width === 0) return
    const now = Date.now()
    forgetBefore(lanes, now - WINDOW_MS)
    const height = Math.max(root.clientHeight, heightFor(lanes.sessions.size))
    size(pen, width, height)
    plan = planChart(lanes, { width, height, now })
    drawChart(pen, plan, lanes, (palette ??= readPalette(tip)), titleOf)
  }

  function size(pen: CanvasRenderingContext2D, width: number, height: number): void {
    const scale = devicePixelRatio
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale)
      canvas.height = Math.round(height * scale)
      canvas.style.height = `${height}px`
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0)
  }

  function point({ offsetX, offsetY }: PointerEvent): void {
    const record = plan && whatIsThere(plan, lanes, offsetX, offsetY)
    tip.hidden = record === undefined
    if (record === undefined || plan === undefined) return
    const { label, detail } = recordWords(record)
    tip.replaceChildren(element('strong', {}, label), ` ${detail}`)
    tip.style.left = `${Math.min(offsetX + 12, Math.max(0, plan.width - tip.offsetWidth - 8))}px`
    tip.style.top = `${offsetY + 14}px`
  }

  canvas.addEventListener('pointermove', point)
  canvas.addEventListener('pointerdown', point)
  canvas.addEventListener('pointerleave', () => (tip.hidden = true))
  return { element: root, add: (record) => addToLanes(lanes, record), paint, recolour: () => (palette = undefined) }
}
