import type { LayoutState } from '@throughline/sdk/layout'
import { button } from '../dom/button.ts'
import { element } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { tabsPicture } from './tabs-picture.ts'

/** What stands where there are no columns: because they are on their way, because they could not be loaded, or because there are none. */
export function layoutNotice(acts: { readonly retry: () => void; readonly create: () => void }): View<LayoutState> {
  const root = element('div', { class: 'layout-notice' })
  let painted: string | undefined

  return {
    element: root,
    update(state) {
      const now = state.sessions.length > 0 ? undefined : state.status
      root.hidden = now === undefined
      if (now === painted && now !== 'failed') return
      painted = now
      root.dataset['testid'] = `layout-${now ?? 'columns'}`
      root.replaceChildren(...contents(state, acts))
    },
  }
}

function contents({ status, failure }: LayoutState, acts: { readonly retry: () => void; readonly create: () => void }): readonly Element[] {
  switch (status) {
    case 'loading':
      return [element('p', { class: 'hint' }, 'Bringing your sessions back…')]
    case 'failed':
      return [
        element('h2', {}, 'Your sessions could not be loaded'),
        element('p', {}, 'That does not mean that there are none. This page tries again as soon as the server answers.'),
        element('p', { class: 'hint' }, failure?.message),
        button({ label: 'Try again', icon: 'again', show: true, class: 'primary', testid: 'retry-list', onPress: acts.retry }),
      ]
    case 'ready':
      return [
        tabsPicture(),
        element('h2', {}, 'Agent sessions that outlive the tab'),
        element(
          'p',
          {},
          'A session runs at the server. Tabs come and go, lines break, laptops sleep; the agent works on, and whoever looks sees the same timeline.',
        ),
        button({ label: 'Start a session', icon: 'plus', show: true, class: 'primary', testid: 'first-session', onPress: acts.create }),
      ]
    default:
      return status satisfies never
  }
}
