import { element } from '../dom/element.ts'

/** What the demo agent can be asked for, in words, and the lines that ask for it. */
const SUGGESTIONS: readonly (readonly [title: string, message: string])[] = [
  ['Stream 400 tokens, then close this tab', '/tokens 400 20'],
  ['Think before answering', '/think'],
  ['Use a tool', '/tool weather'],
  ['Ask me something, and wait', '/ask Which city?'],
  ['Fail in the middle', '/fail'],
  ['Hang until I stop it', '/hang'],
  ['Do not listen when I stop it', '/ignore-stop'],
  ['Show what else there is', '/help'],
]

/** What an empty session shows: what it is, and things to try. */
export function suggestions(send: (message: string) => void): HTMLElement {
  const items = SUGGESTIONS.map(([title, message]) => {
    const press = element(
      'button',
      { type: 'button', class: 'suggestion', 'data-testid': 'suggestion' },
      element('span', {}, title),
      element('code', {}, message),
    )
    press.addEventListener('click', () => send(message))
    return element('li', {}, press)
  })
  return element(
    'div',
    { class: 'welcome', 'data-testid': 'suggestions' },
    element('h3', {}, 'This session lives at the server'),
    element(
      'p',
      {},
      'Ask something, close the tab in the middle of the answer, come back: it went on without you, and every word is here.',
    ),
    element('ul', { class: 'suggestions' }, ...items),
  )
}
