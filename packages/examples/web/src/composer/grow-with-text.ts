/** Lets a text box be as high as its text; the style sheet sets the most. */
export function growWithText(input: HTMLTextAreaElement): void {
  const fit = (): void => {
    input.style.height = 'auto'
    input.style.height = `${input.scrollHeight}px`
  }
  // Browsers that size a box by its content need no help.
  if (CSS.supports('field-sizing', 'content')) return
  input.addEventListener('input', fit)
  if (input.isConnected) fit()
}
