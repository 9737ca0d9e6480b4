import type { SessionStatus } from '@throughline/sdk/protocol'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import { growWithText } from './grow-with-text.ts'
import { errorWords } from '../error-words.ts'

/** What a composer calls; each rejects where the server refuses. */
export interface ComposerOptions {
  /** Keeps what is typed; it comes back by `update`. */
  readonly draft: (text: string) => void
  readonly send: (text: string) => Promise<unknown>
  readonly stop: () => Promise<unknown>
  /** Keeps a message that was refused while another one was being written. */
  readonly keep: (text: string, why: string) => void
}

/** What a composer shows; flat, so that two of them are compared field by field. */
export interface ComposerValue {
  readonly status: SessionStatus
  /** What is typed and not sent yet. */
  readonly draft: string
}

/** A composer, which can also be given the focus. */
export interface Composer extends View<ComposerValue> {
  readonly focus: () => void
  /** Sends a text that stands elsewhere; what is being written stays. */
  readonly send: (text: string) => Promise<void>
}

/** Where a message is written: Enter sends, Shift+Enter makes a line, Escape stops the run. */
export function composer({ draft, ...acts }: ComposerOptions): Composer {
  const input = element('textarea', {
    class: 'composer-input',
    rows: 1,
    'aria-label': 'Message',
    placeholder: 'Message the agent',
    'data-testid': 'composer',
  })
  const hint = element('span', { class: 'hint composer-hint' })
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true, 'data-testid': 'composer-problem' })
  const stopButton = button({
    label: 'Stop',
    icon: 'stop',
    show: true,
    class: 'stop',
    testid: 'stop',
    title: 'Stop (Escape)',
    onPress: () => void stop(),
  })
  const sendButton = button({
    label: 'Send',
    icon: 'send',
    class: 'primary round',
    testid: 'send',
    title: 'Send (Enter)',
    onPress: submit,
  })
  const root = element(
    'form',
    { class: 'composer' },
    problem,
    element('div', { class: 'composer-box' }, input, element('div', { class: 'composer-row' }, hint, stopButton, sendButton)),
  )
  let status: SessionStatus = 'idle'

  function submit(): void {
    const message = input.value
    write('')
    void send(message)
  }

  async function send(text: string): Promise<void> {
    const message = text.trim()
    if (message === '') return
    tell(undefined)
    try {
      await acts.send(message)
    } catch (error) {
      // What was refused goes back to where it was written, unless something else stands there by now.
      if (input.value !== '') return acts.keep(message, errorWords(error))
      tell(error)
      write(message)
    }
  }

  async function stop(): Promise<void> {
    if (status !== 'running' && status !== 'waiting') return
    stopButton.disabled = true
    try {
      await acts.stop()
    } catch (error) {
      tell(error)
    } finally {
      paintStop()
    }
  }

  function tell(error: unknown): void {
    problem.hidden = error === undefined
    problem.textContent = error === undefined ? '' : errorWords(error)
  }

  function write(text: string): void {
    input.value = text
    input.dispatchEvent(new Event('input'))
  }

  function update(next: ComposerValue): void {
    status = next.status
    root.dataset['status'] = status
    paintStop()
    setText(hint, HINTS[status])
    // It differs only where an earlier page has left something.
    if (input.value !== next.draft) write(next.draft)
    paintSend()
  }

  function paintStop(): void {
    stopButton.hidden = status === 'idle'
    stopButton.disabled = status === 'stopping'
    setText(stopButton.lastElementChild ?? stopButton, status === 'stopping' ? 'Stopping…' : 'Stop')
  }

  function paintSend(): void {
    sendButton.disabled = input.value.trim() === ''
  }

  growWithText(input)
  input.addEventListener('input', () => {
    draft(input.value)
    paintSend()
  })
  input.addEventListener('keydown', (event) => {
    // A question is not taken back by a key that also closes menus.
    if (event.key === 'Escape' && status === 'running') void stop()
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    submit()
  })
  root.addEventListener('submit', (event) => event.preventDefault())
  return { element: root, update, focus: () => input.focus(), send }
}

const HINTS: Readonly<Record<SessionStatus, string>> = {
  idle: 'Enter to send',
  running: 'New messages wait their turn',
  waiting: 'The agent waits for your answer',
  stopping: 'Waiting for the agent to let go',
}
