import type { LayoutState } from '@throughline/sdk/layout'
import { button } from '../dom/button.ts'
import { element } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { tabsPicture } from './tabs-picture.ts'

/** What stands where there are no columns: because they are on their way, or because there are none. */
export function layoutNotice(acts: { readonly create: () => void }): View<LayoutState> {
  const root = element('div', { class: 'layout-notice' })
  let painted: string | undefined

  return {
    element: root,
    update(state) {
      const now = state.sessions.length > 0 ? undefined : state.status
      root.hidden = now === undefined
      if (now === painted) return
      painted = now
      root.dataset['testid'] = `layout-${now ?? 'columns'}`
      root.replaceChildren(...contents(state.status, acts))
    },
  }
}

function contents(status: LayoutState['status'], acts: { readonly create: () => void }): readonly Element[] {
  switch (status) {
    case 'loading':
      return [element('p', { class: 'hint' }, 'Bringing your sessions back…')]
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
