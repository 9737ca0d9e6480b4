import type { Client } from '@throughline/sdk'
import { button } from '../dom/button.ts'
import { element } from '../dom/element.ts'
import type { LineSwitches } from '../line-switches.ts'
import { chart } from './chart.ts'
import { recordList } from './record-list.ts'
import { recordLine } from './recorder.ts'
import type { InspectorRecord } from './record.ts'
import { switchButtons } from './switch-buttons.ts'
import { countRecord, NO_TALLY } from './tally.ts'
import { tallyView } from './tally-view.ts'

/** What the inspector needs. */
export interface InspectorOptions {
  readonly client: Client
  readonly switches: LineSwitches
  readonly titleOf: (session: string) => string
  readonly toggled: (open: boolean) => void
}

/** The panel that shows how the page and its server keep in step. */
export interface Inspector {
  readonly element: HTMLElement
  readonly toggle: () => void
  readonly recolour: () => void
  readonly dispose: () => void
}

const EXPLANATION = 'Events are numbered. After a break the page goes on from its cursor, the last it applied.'

const OPEN = 'throughline.inspector'
const REDUCED = matchMedia('(prefers-reduced-motion: reduce)')

/** Records from the start, so that opening the panel shows what led to now, and paints only while it is open. */
export function inspector({ client, switches, titleOf, toggled }: InspectorOptions): Inspector {
  const picture = chart(titleOf)
  const list = recordList(titleOf)
  const counters = tallyView()
  const root = element(
    'aside',
    { class: 'inspector', hidden: true, 'aria-label': 'Inspector', 'data-testid': 'inspector' },
    element(
      'div',
      { class: 'inspector-head' },
      element('h2', {}, 'Inspector'),
      element('p', { class: 'hint' }, EXPLANATION),
      switchButtons(switches, () => client.wake('online')),
      button({ label: 'Close inspector', icon: 'close', testid: 'inspector-close', onPress: toggle }),
    ),
    counters.element,
    element('div', { class: 'inspector-body' }, picture.element, list.element),
  )
  let tally = NO_TALLY
  let painter: ReturnType<typeof startPainting> | undefined

  const stopRecording = recordLine(client, switches, (record: InspectorRecord) => {
    tally = countRecord(tally, record)
    picture.add(record)
    list.add(record)
  })

  function show(open: boolean): void {
    root.hidden = !open
    sessionStorage.setItem(OPEN, String(open))
    painter?.stop()
    painter = open ? startPainting(picture.paint, paintWords) : undefined
    toggled(open)
  }

  function toggle(): void {
    show(root.hidden !== false)
  }

  function paintWords(): void {
    counters.update(tally)
    list.paint()
  }

  if (sessionStorage.getItem(OPEN) === 'true') show(true)
  return {
    element: root,
    toggle,
    recolour: picture.recolour,
    dispose() {
      painter?.stop()
      stopRecording()
    },
  }
}

const PICTURE_MS = 50
const CALM_PICTURE_MS = 1_000
const WORDS_MS = 250

/** Draws the picture as it moves and the words as fast as they can be read. */
function startPainting(picture: () => void, words: () => void): { readonly stop: () => void } {
  let drawn = 0
  let frame = requestAnimationFrame(draw)
  const timer = setInterval(words, WORDS_MS)
  words()

  function draw(now: number): void {
    frame = requestAnimationFrame(draw)
    if (now - drawn < (REDUCED.matches ? CALM_PICTURE_MS : PICTURE_MS)) return
    drawn = now
    picture()
  }

  return {
    stop() {
      cancelAnimationFrame(frame)
      clearInterval(timer)
    },
  }
}
