export type { Badge, LayoutSession, LayoutState } from './layout-state.ts'
export { openLayout, type Layout, type LayoutOptions } from './open-layout.ts'
