export { noTokens } from './access/no-tokens.ts'
export type { Authenticate, Principal } from './access/principal.ts'
export { staticTokens } from './access/static-tokens.ts'

export { AgentError, type AgentErrorCode } from './agent/agent-error.ts'
export {
  activity,
  activityDelta,
  callTool,
  custom,
  finish,
  say,
  state,
  stateDelta,
  step,
  think,
  toolResult,
  type CalledTool,
  type Events,
  type RunOutcome,
  type Words,
} from './agent/builders.ts'
export type { Agent, AgentEvent, AgentFunction, AgentRun, Answer, Question, Resume } from './agent/contract.ts'
export { demoAgent, type DemoAgentOptions } from './agent/demo-agent.ts'
export { loadAgent } from './agent/load-agent.ts'
export { openaiAgent, type OpenaiAgentOptions } from './agent/openai-agent.ts'
export { openaiAgentFromEnv } from './agent/openai-from-env.ts'
export type { ServerTool, ToolUse } from './agent/server-tool.ts'

export { createServer, type Server, type ServerOptions } from './cli/create-server.ts'

export { throughline, type ThroughlineOptions } from './http/plugin.ts'
export { chooseSubprotocol } from './http/subprotocol.ts'

export { type TailLimits } from './journal/tail.ts'
export type { ViewerLink } from './journal/viewer-link.ts'

export type { SessionChange, SessionPage, SessionQuery, SessionWish } from './session/catalogue.ts'
export type { MessagePage } from './session/conversation.ts'
export type { AppEvent } from './session/custom-events.ts'
export { Host } from './session/host.ts'
export type { HostOptions, HostSend, Log } from './session/host-options.ts'
export { Refusal } from './session/refusal.ts'
export type { RunEnd } from './session/run-end.ts'
export type { Retention } from './session/sweep-verdict.ts'
export type { Watch } from './session/watch.ts'

export { createMemoryStore, type MemoryStoreOptions } from './store/memory-store.ts'
export { openStore } from './store/open-store.ts'
export type * from './store/port.ts'
export { openSqliteStore, type SqliteStoreOptions } from './store/sqlite-store.ts'
export { StoreError, type StoreErrorCode } from './store/store-error.ts'

export { systemTimers, type Timers } from './timers.ts'
