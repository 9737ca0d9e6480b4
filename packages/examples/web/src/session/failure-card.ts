import type { SessionError } from '@throughline/sdk'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { errorWords } from '../error-words.ts'

/** What stands in the place of a session that cannot be followed, or below one that is open elsewhere. The others are not touched by it. */
export function failureCard(retry: () => void): View<SessionError | undefined> {
  const title = element('h3')
  const detail = element('p', { class: 'hint' })
  const again = button({ label: 'Try again', icon: 'again', show: true, testid: 'retry-session', onPress: retry })
  const root = element('div', { class: 'failure', role: 'alert', hidden: true, 'data-testid': 'failure' }, title, detail, again)
  return {
    element: root,
    update(failure) {
      root.hidden = failure === undefined
      if (failure === undefined) return
      const isElsewhere = failure.code === 'superseded'
      root.dataset['code'] = failure.code
      // Somebody who opens a session elsewhere knows: that is nothing to be alarmed about.
      root.setAttribute('role', isElsewhere ? 'status' : 'alert')
      setText(title, failureTitle(failure))
      setText(detail, isElsewhere ? ELSEWHERE : errorWords(failure))
      setText(again.lastElementChild ?? again, isElsewhere ? 'Take it back' : 'Try again')
    },
  }
}

const ELSEWHERE = 'It was opened for one place only, and goes on there. Here you still see how it was.'

function failureTitle({ code }: SessionError): string {
  switch (code) {
    case 'session_not_found':
      return 'This session does not exist any more'
    case 'session_expired':
      return 'This session has expired'
    case 'forbidden':
      return 'This session may not be read with this token'
    case 'superseded':
      return 'This session is open in another place'
    case 'detached':
      return 'The server ended the watch of this session'
    case 'damaged':
      return 'This session could not be put together'
    default:
      return 'This session could not be loaded'
  }
}
