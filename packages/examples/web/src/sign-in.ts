import { button } from './dom/button.ts'
import { element } from './dom/element.ts'
import { wordmark } from './wordmark.ts'

/** Asks for the token that the server wants. `problem` says why the last one was not good enough. */
export function signIn(problem: string | undefined, enter: (token: string) => void): HTMLElement {
  const input = element('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    'data-testid': 'token',
  })
  const submit = button({ label: 'Sign in', class: 'primary', testid: 'sign-in', onPress: () => undefined })
  submit.type = 'submit'
  const form = element(
    'form',
    { class: 'sign-in', 'data-testid': 'sign-in-form' },
    element('h1', {}, wordmark()),
    element('p', {}, 'This server wants to know who you are.'),
    element('label', { for: 'token' }, 'Token'),
    input,
    element('p', { class: 'problem', role: 'alert', hidden: problem === undefined }, problem),
    element('p', { class: 'hint' }, 'It stays in this browser until you sign out.'),
    submit,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    enter(input.value.trim())
  })
  queueMicrotask(() => input.focus())
  return form
}
