/** What the neighbour of an agent file exports. */
export const greeting: string = 'hello'
