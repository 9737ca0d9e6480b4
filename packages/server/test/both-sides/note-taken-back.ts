import { isOwnEvent, type BatchFrame } from '@throughline/sdk/protocol'
import type { Store } from '../../src/store/port.ts'

/** Notes which messages were taken out of the queue when that is stored: rows that are folded later do not tell it any more. */
export function noteTakenBack(store: Store): { readonly store: Store; readonly takenBack: ReadonlySet<string> } {
  const takenBack = new Set<string>()
  const append: Store['append'] = async (given) => {
    const verdict = await store.append(given)
    if (verdict.kind === 'stored' && given.batch?.frame.includes('throughline/unqueued')) note(given.batch.frame)
    return verdict
  }
  const note = (frame: Buffer) => {
    for (const event of (JSON.parse(frame.toString()) as BatchFrame).events)
      if (isOwnEvent(event) && event.name === 'throughline/unqueued') takenBack.add(event.value.message)
  }
  const noting = new Proxy(store, {
    get(of, name) {
      const value: unknown = name === 'append' ? append : Reflect.get(of, name)
      return typeof value === 'function' ? (value.bind(of) as unknown) : value
    },
  })
  return { store: noting, takenBack }
}
