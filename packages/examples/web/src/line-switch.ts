/**
 * What can be done to the line. `cut`: it breaks, and no new one comes up. `hole`: it stays up and nothing passes. `stall`: what
 * arrives is held back, and delivered when the switch goes off. `refuse`: WebSockets break, and none can be had, as behind some proxies.
 */
export type LineSwitch = 'cut' | 'hole' | 'stall' | 'refuse'

/** What happened at the switches: one was turned, or a batch came that the page did not get to see. */
export type SwitchNews =
  | { readonly type: 'switch'; readonly name: LineSwitch; readonly on: boolean }
  | { readonly type: 'unseen'; readonly session: string; readonly to: number; readonly lost: boolean }
