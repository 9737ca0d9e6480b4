/** Something that a test lets through when it likes. */
export interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

/** A closed one. */
export function gate(): Gate {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
