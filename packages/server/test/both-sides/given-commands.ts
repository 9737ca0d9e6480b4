import type { CommandFrame } from '@throughline/sdk/protocol'
import { commandName } from './command-name.ts'
import type { JournalReading } from './journal-reading.ts'
import type { Page } from './page.ts'

/** What is given here. */
export type GivenKind = 'send' | 'edit' | 'answer' | 'stop'

/** What its app was told of a command: by the promise of the page that gave it, or as `unsent` by a later one. */
type Told = 'accepted' | 'refused' | 'unsent'

/**
 * Where the page of a command went before that was settled: `kept`, so that a later page sends it; `early`, before it could be kept; `gone`, where
 * that is not known.
 */
type Left = 'kept' | 'early' | 'gone'

interface Given {
  readonly kind: GivenKind | CommandFrame['type']
  readonly page: Page
  /** How far the clock of its machine was from the right time. */
  readonly aheadMs: number
  /** With the code of the error, where there was one. */
  readonly told: Map<Told, string | undefined>
  left?: Left
}

/** A command of which something else came than its app was told. */
export interface WrongCommand {
  readonly name: string
  readonly told: readonly (readonly [Told, string | undefined])[]
  readonly left: Left | undefined
  readonly tookEffect: boolean
}

/** All commands that were given, and what became of them as far as their apps were told. */
export class GivenCommands {
  readonly #prefix: string
  readonly #given = new Map<string, Given>()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** A command is given on a page; it gets a name, which for an answer says of what question. */
  add(kind: GivenKind, page: Page, question?: string): string {
    const name = `${this.#prefix}-${this.#given.size + 1}${question === undefined ? '' : ` to ${question}`}`
    this.#given.set(name, { kind, page, aheadMs: page.browser.aheadMs(), told: new Map() })
    return name
  }

  told(name: string, what: Told, code?: string): void {
    this.#given.get(name)?.told.set(what, code)
  }

  /** A page reports what an earlier one gave. */
  unsent(page: Page, command: CommandFrame, code: string): void {
    const name = commandName(command)
    const given = this.#given.get(name) ?? { kind: command.type, page, aheadMs: 0, told: new Map<Told, string>() }
    this.#given.set(name, given)
    given.told.set('unsent', code)
  }

  /** A page is gone: what it gave waits for the next, if it was kept. */
  left(page: Page): void {
    const { storage, health, wasKept } = page.browser
    for (const [name, given] of this.#given) {
      if (given.page !== page || !isWaiting(given)) continue
      // Without its name a stop is not found; and what takes long to keep is delivered before it is kept. What fails promises nothing.
      if (given.kind === 'stop' || storage === false || health === 'failing') given.left = 'gone'
      else given.left = wasKept(name) ? 'kept' : health === 'good' ? 'early' : 'gone'
    }
  }

  /** Those of these pages of which nothing was told. */
  waiting(pages: readonly Page[]): readonly string[] {
    return [...this.#given].filter(([, given]) => isWaiting(given) && pages.includes(given.page)).map(([name]) => name)
  }

  /**
   * The messages that a page gave after another one, and that took effect before it. An edit has its effect when it has stopped what runs; and where
   * the storage failed to keep the first one, another page may send the second.
   */
  overtaking({ placeOf }: JournalReading): readonly string[] {
    const places = new Map<Page, number>()
    return [...this.#given].flatMap(([name, { kind, page }]) => {
      const place = placeOf(name)
      const last = places.get(page) ?? 0
      if (kind !== 'send' || place === undefined || page.browser.health === 'failing') return []
      places.set(page, Math.max(last, place))
      return place < last ? [name] : []
    })
  }

  /** Those of which something else came than was told. */
  wrong(reading: JournalReading): readonly WrongCommand[] {
    return [...this.#given].flatMap(([name, given]) => {
      const { kind, told, left } = given
      const tookEffect = kind === 'answer' ? reading.wasAnswer(name) : reading.placeOf(name) !== undefined
      // Of what waited for a day it is known only whether it is there still: an edit may have taken it away.
      const isAllowed = [...told.values()].includes('expired')
        ? !reading.timeline().includes(name)
        : // The client gives a stop an id of its own.
          isRight(given, tookEffect || (kind === 'stop' && told.has('accepted')))
      return isAllowed ? [] : [{ name, told: [...told], left, tookEffect }]
    })
  }
}

const HALF_A_DAY_MS = 43_200_000

function isWaiting({ told, left }: Given): boolean {
  return told.size === 0 && left === undefined
}

function isRight({ kind, page, aheadMs, told, left }: Given, tookEffect: boolean): boolean {
  const isDenied = told.has('refused') || told.has('unsent')
  // Of an answer that waited for a day nothing can be known but that its question is closed.
  if (kind === 'answer' && page.browser.farthestMs() - aheadMs > HALF_A_DAY_MS) return true
  // What a storage fails to forget, or has not forgotten when its page goes, is sent again.
  if (isDenied && page.browser.health !== 'good') return true
  if (told.has('accepted')) return tookEffect && !isDenied
  if (isDenied) return !tookEffect
  switch (left) {
    case 'kept':
      return tookEffect
    // What is delivered before it is kept could take effect, and its page would never know.
    case 'early':
      return !tookEffect
    case 'gone':
      return true
    case undefined:
      return false
    default:
      return left satisfies never
  }
}
