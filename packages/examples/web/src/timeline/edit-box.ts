import { button } from '../dom/button.ts'
import { element } from '../dom/element.ts'
import { growWithText } from '../composer/grow-with-text.ts'
import { errorWords } from '../error-words.ts'

/** What an edit box calls. */
export interface EditBoxOptions {
  /** Sends the new text; what it rejects with is shown, and the text stays. */
  readonly save: (text: string) => Promise<unknown>
  readonly done: () => void
}

/** A box to change a message in: Enter sends, Escape gives up. */
export function editBox(text: string, { save, done }: EditBoxOptions): { readonly element: HTMLElement; readonly focus: () => void } {
  const input = element('textarea', { class: 'edit-input', 'aria-label': 'Message', rows: 1, 'data-testid': 'edit-input' })
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const send = button({ label: 'Ask again', class: 'primary', testid: 'edit-save', onPress: () => void submit() })
  const root = element(
    'div',
    { class: 'edit-box' },
    input,
    element('p', { class: 'hint' }, 'What follows this message is replaced by the new answer.'),
    problem,
    element('div', { class: 'row end' }, button({ label: 'Cancel', onPress: done }), send),
  )
  input.value = text

  async function submit(): Promise<void> {
    const value = input.value.trim()
    if (value === '') return
    send.disabled = true
    try {
      await save(value)
      done()
    } catch (error) {
      problem.hidden = false
      problem.textContent = errorWords(error)
    } finally {
      send.disabled = false
    }
  }

  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      // Escape also stops a run; here it only leaves the box.
      event.stopPropagation()
      done()
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void submit()
  })
  return {
    element: root,
    focus() {
      growWithText(input)
      input.focus()
      input.setSelectionRange(input.value.length, input.value.length)
    },
  }
}
