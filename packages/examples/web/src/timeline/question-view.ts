import type { OpenInterrupt } from '@throughline/sdk/protocol'
import { growWithText } from '../composer/grow-with-text.ts'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import { icon } from '../dom/icon.ts'
import type { View } from '../dom/view.ts'
import { answerForm, readAnswer, type AnswerForm } from './answer-form.ts'
import type { Row } from './rows.ts'
import type { TimelineActs } from './timeline-acts.ts'
import { errorWords } from '../error-words.ts'

/** A question of the agent, with the way to answer it. Once an answer is on its way there is no second one. */
export function questionView(acts: TimelineActs): View<Extract<Row, { kind: 'question' }>> {
  const text = element('p', { class: 'question-text' })
  const note = element('p', { class: 'hint' })
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const controls = element('fieldset', { class: 'question-controls', 'aria-label': 'Answer' })
  const root = element(
    'section',
    { class: 'question', 'data-testid': 'question', 'aria-label': 'The agent asks' },
    element('h4', {}, icon('question'), 'The agent asks'),
    text,
    controls,
    problem,
    note,
  )
  let built = false

  async function settle(act: () => Promise<unknown>): Promise<void> {
    controls.disabled = true
    problem.hidden = true
    try {
      await act()
    } catch (error) {
      controls.disabled = false
      problem.hidden = false
      problem.textContent = errorWords(error)
    }
  }

  return {
    element: root,
    update({ interrupt }) {
      const { id } = interrupt
      setText(text, interrupt.message ?? 'The agent needs an answer to go on.')
      setText(note, noteOf(interrupt))
      controls.hidden = interrupt.answer !== undefined
      if (built) return
      built = true
      const cancel = button({ label: 'Cancel', testid: 'cancel-question', onPress: () => void settle(() => acts.cancelQuestion(id)) })
      controls.append(...answerControls(answerForm(interrupt), (read) => void settle(async () => acts.answer(id, read()))), cancel)
    },
  }
}

function answerControls(form: AnswerForm, answer: (read: () => unknown) => void): readonly HTMLElement[] {
  switch (form.kind) {
    case 'approve':
      return [
        button({ label: 'Approve', class: 'primary', testid: 'approve', onPress: () => answer(() => true) }),
        button({ label: 'Decline', testid: 'decline', onPress: () => answer(() => false) }),
      ]
    case 'choose':
      return form.choices.map((choice) => button({ label: String(choice), testid: 'choice', onPress: () => answer(() => choice) }))
    case 'number':
    case 'json':
    case 'words':
      return typedAnswer(form, answer)
    default:
      return form satisfies never
  }
}

function typedAnswer(form: AnswerForm, answer: (read: () => unknown) => void): readonly HTMLElement[] {
  const input = element('textarea', { rows: 1, 'aria-label': 'Your answer', placeholder: 'Your answer', 'data-testid': 'answer-input' })
  const submit = (): void => answer(() => readAnswer(form, input.value))
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    submit()
  })
  growWithText(input)
  return [input, button({ label: 'Answer', class: 'primary', testid: 'answer', onPress: submit })]
}

function noteOf({ answer, expiresAt }: OpenInterrupt): string {
  if (answer !== undefined)
    return `${answer.status === 'cancelled' ? 'Cancelled' : 'Answered'}; the run goes on when the other questions are answered, too.`
  const end = expiresAt === undefined ? Number.NaN : Date.parse(expiresAt)
  if (Number.isNaN(end)) return 'There is no hurry: the question waits, also when this page is closed.'
  return `The question is open until ${new Date(end).toLocaleString()}.`
}
