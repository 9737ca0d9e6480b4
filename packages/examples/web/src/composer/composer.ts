import type { SessionStatus } from '@throughline/sdk/protocol'
import { button } from '../dom/button.ts'
import { element, setText } from '../dom/element.ts'
import type { View } from '../dom/view.ts'
import type { Draft } from './draft.ts'
import { growWithText } from './grow-with-text.ts'
import { errorWords } from '../error-words.ts'

/** What a composer calls; each rejects where the server refuses. */
export interface ComposerOptions {
  readonly draft: Draft
  readonly send: (text: string) => Promise<unknown>
  readonly stop: () => Promise<unknown>
}

/** A composer, which can also be given the focus. */
export interface Composer extends View<SessionStatus> {
  readonly focus: () => void
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
    onPress: () => void send(input.value),
  })
  const root = element(
    'form',
    { class: 'composer' },
    problem,
    element('div', { class: 'composer-box' }, input, element('div', { class: 'composer-row' }, hint, stopButton, sendButton)),
  )
  let status: SessionStatus = 'idle'

  async function send(text: string): Promise<void> {
    const message = text.trim()
    if (message === '') return
    write('')
    tell(undefined)
    try {
      await acts.send(message)
    } catch (error) {
      tell(error)
      // What was refused goes back to where it was written, unless something else stands there by now.
      if (input.value === '') write(message)
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
      update(status)
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

  function update(next: SessionStatus): void {
    status = next
    root.dataset['status'] = next
    stopButton.hidden = next === 'idle'
    stopButton.disabled = next === 'stopping'
    setText(stopButton.lastElementChild ?? stopButton, next === 'stopping' ? 'Stopping…' : 'Stop')
    setText(hint, HINTS[next])
    paintSend()
  }

  function paintSend(): void {
    sendButton.disabled = input.value.trim() === ''
  }

  input.value = draft.read()
  growWithText(input)
  input.addEventListener('input', () => {
    draft.write(input.value)
    paintSend()
  })
  input.addEventListener('keydown', (event) => {
    // A question is not taken back by a key that also closes menus.
    if (event.key === 'Escape' && status === 'running') void stop()
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void send(input.value)
  })
  root.addEventListener('submit', (event) => event.preventDefault())
  return { element: root, update, focus: () => input.focus(), send }
}

const HINTS: Readonly<Record<SessionStatus, string>> = {
  idle: 'Enter to send',
  running: 'What you send now waits for its turn',
  waiting: 'The agent waits for your answer',
  stopping: 'Waiting for the agent to let go',
}
