import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEffect, createRoot } from 'solid-js'
import { expect, test, vi } from 'vitest'
import { effectScope, watchSyncEffect } from 'vue'
import type { Session, SessionState } from '../../../src/index.ts'
import { batch, runStarted, setSession } from '../../stage.ts'
import { countedListeners } from '../react/mounted.ts'
import { stateOf as solidState } from './solid.ts'
import { stateOf as svelteState } from './svelte.ts'
import { stateOf as vueState } from './vue.ts'

// In Node one gets the build for servers, in which nothing ever changes.
vi.mock('solid-js', () => vi.importActual('solid-js/dist/solid.js'))

/** Shows a session with each framework's own means; what comes back ends it. */
const frameworks: Record<string, (session: Session, show: (state: SessionState) => void) => () => void> = {
  svelte: (session, show) => svelteState(session).subscribe(show),
  vue: (session, show) => {
    const scope = effectScope()
    scope.run(() => {
      const state = vueState(session)
      watchSyncEffect(() => show(state.value))
    })
    return () => scope.stop()
  },
  solid: (session, show) =>
    createRoot((dispose) => {
      const state = solidState(session)
      createEffect(() => show(state()))
      return dispose
    }),
}

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/svelte-vue-solid.md'), 'utf8')

test.each(Object.entries(frameworks))('%s shows each state of a session, and leaves no listener behind', async (_, begin) => {
  const { session, link } = await setSession()
  const listeners = countedListeners(session)
  const shown: (string | undefined)[] = []
  const end = begin(session, ({ messages }) => shown.push(messages.at(-1)?.id))
  await link.says(batch('s', 1, [runStarted('r1', { id: 'u1', content: 'Hi' })]))
  expect([shown.at(0), shown.at(-1), listeners()]).toEqual([undefined, 'u1', 1])
  end()
  await link.says(batch('s', 2, [runStarted('r2', { id: 'u2', content: 'Ho' })]))
  expect([shown.at(-1), listeners()]).toEqual(['u1', 0])
})

test.each(Object.keys(frameworks))('the page shows the code for %s as it is tested here', (name) => {
  expect(page).toContain(readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8'))
})
