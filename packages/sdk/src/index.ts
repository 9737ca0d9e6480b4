export { connect, type Client, type FollowOptions } from './client.ts'
export type { ClientEvents } from './client-events.ts'
export type { Fetch, FetchAnswer } from './ask-server.ts'
export type { Clock, Timers } from './clock.ts'
export type { Socket, SocketConstructor, SocketEvent } from './connection/open-socket.ts'
export type { Transport, TransportReason } from './connection/choose-transport.ts'
export type { ConnectionState } from './connection/transition.ts'
export { SessionError, type SessionErrorCode } from './errors.ts'
export type { LogEntry, LogRecord } from './log.ts'
export type { ConnectOptions } from './options.ts'
export type {
  AgUiEvent,
  CommandResults,
  ContentPart,
  LastRun,
  OpenInterrupt,
  OwnEvent,
  Part,
  QueuedMessage,
  ResetReason,
  Run,
  RunOptions,
  SessionEntry,
  SessionEvent,
  SessionStatus,
  TranscriptMessage,
  UserMessage,
  WhenBusy,
} from './protocol/index.ts'
export type { CreateOptions, SessionChange, SessionPage, SessionQuery } from './session-calls.ts'
export type { SendOptions, SendResult } from './session/send-options.ts'
export type { Session } from './session/session.ts'
export type { SessionEvents } from './session/session-events.ts'
export type { SessionMessage, SessionState } from './session/session-state.ts'
export type { UnsentCommand } from './session/unsent.ts'
export type { KeyValueStorage } from './saved/key-value-storage.ts'
export { browserWake } from './wake/browser-wake.ts'
export type { WakeNews, WakeSignal, WakeSource } from './wake/wake-source.ts'
