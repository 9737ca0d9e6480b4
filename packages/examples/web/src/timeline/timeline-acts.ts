/** What a person can do from a timeline; each rejects where the server refuses. */
export interface TimelineActs {
  readonly edit: (messageId: string, text: string) => Promise<unknown>
  readonly regenerate: () => Promise<unknown>
  readonly answer: (interruptId: string, payload: unknown) => Promise<unknown>
  readonly cancelQuestion: (interruptId: string) => Promise<unknown>
  readonly loadOlder: () => Promise<unknown>
}
