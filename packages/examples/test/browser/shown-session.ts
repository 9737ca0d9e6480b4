import type { Snapshot } from '@throughline/sdk/protocol'
import type { Locator, Page } from 'playwright-core'

/** A message as a person reads it, or as the server has it. */
export interface ReadMessage {
  readonly role: string
  readonly text: string
}

/** One session of an open page, as a person uses it. */
export interface ShownSession {
  readonly page: Page
  readonly id: string
  /** The column of the session. */
  readonly column: Locator
  readonly send: (text: string) => Promise<void>
  /** Stops the run. */
  readonly stop: () => Promise<void>
  /** The messages that stand in the timeline now, all read in the same moment. */
  readonly messages: () => Promise<readonly ReadMessage[]>
  /** The text of the newest answer; empty where there is none yet. */
  readonly answer: () => Promise<string>
  /** What stands beside the title: what the session does, or how its last run ended. */
  readonly status: () => Promise<string>
}

/** Presses the button that starts the first session. */
export async function startFirstSession(page: Page): Promise<ShownSession> {
  await page.getByTestId('first-session').click()
  return shownSession(page)
}

/** A session that a page shows: the first one, or that at another place of the layout. */
export async function shownSession(page: Page, place = 0): Promise<ShownSession> {
  const id = await page.getByTestId('session').nth(place).getAttribute('data-session')
  if (id === null) throw new Error('the page shows a session without an id')
  const column = page.locator(`[data-session="${id}"]`)

  async function messages(): Promise<readonly ReadMessage[]> {
    return page.evaluate<readonly ReadMessage[]>(`[...document.querySelectorAll('[data-session="${id}"] [data-testid=message]')].map(
      (message) => ({
        role: message.dataset.role,
        text: [...message.querySelectorAll('.plain, .parts > .prose')].map((part) => part.textContent).join('').trim(),
      }),
    )`)
  }

  return {
    page,
    id,
    column,
    messages,
    async send(text) {
      await column.getByTestId('composer').fill(text)
      await column.getByTestId('composer').press('Enter')
    },
    stop: () => column.getByTestId('stop').click(),
    async answer() {
      const last = (await messages()).at(-1)
      return last?.role === 'assistant' ? last.text : ''
    },
    status: async () => (await column.getByTestId('status').textContent()) ?? '',
  }
}

/** The same of a snapshot of the server's. */
export function messagesOf({ transcript }: Snapshot): readonly ReadMessage[] {
  return transcript.messages.map(({ role, parts }) => ({
    role,
    text: parts
      .flatMap((part) => (part.type === 'text' ? [part.text] : []))
      .join('')
      .trim(),
  }))
}
