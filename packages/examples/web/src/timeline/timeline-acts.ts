/** What a person can do from a timeline; each rejects where the server refuses. */
export interface TimelineActs {
  readonly edit: (messageId: string, text: string) => Promise<unknown>
  /** What the agent said in a run. */
  readonly answerOf: (run: string) => string
  readonly regenerate: () => Promise<unknown>
  readonly answer: (interruptId: string, payload: unknown) => Promise<unknown>
  readonly cancelQuestion: (interruptId: string) => Promise<unknown>
  readonly loadOlder: () => Promise<unknown>
}
