import type { Connection } from './connection/reconnect.ts'
import type { SessionError } from './errors.ts'
import type { Saved } from './keep-saved.ts'
import type { Attachment } from './session/attachment.ts'
import { Outbox } from './session/outbox.ts'
import type { SavedCommand } from './session/saved-port.ts'
import { Session } from './session/session.ts'
import type { SessionPort } from './session/session-port.ts'

/** The sessions that a client follows, with the commands that wait. */
export interface FollowedSessions {
  readonly attachments: ReadonlyMap<string, Attachment>
  readonly outbox: Outbox
  readonly get: (id: string) => Session | undefined
  /** The same object for the same id until it is detached. */
  readonly follow: (id: string) => Session
  /**
   * Takes up what an earlier page left unsettled. Its sessions are followed for that, also those that the app does not ask for, or lets go of.
   */
  readonly takeUp: (commands: readonly SavedCommand[]) => void
  /** There is a link; attaches all. */
  readonly linked: () => void
  readonly unlinked: () => void
  /** Another user is signed in: what is here of the one before must not be seen any more, nor sent in the new one's name. */
  readonly disown: (error: SessionError) => void
  /** Detaches all. */
  readonly end: () => void
}

/** What following needs of the client. */
export interface FollowedSessionsOptions extends Pick<SessionPort, 'clock' | 'random' | 'mint' | 'log' | 'call' | 'limits' | 'report'> {
  readonly saved: Saved | undefined
  /** Asked from the first session on. */
  readonly connection: () => Connection
}

/** Begins without any. */
export function createFollowedSessions({ connection, ...options }: FollowedSessionsOptions): FollowedSessions {
  const sessions = new Map<string, Session>()
  const attachments = new Map<string, Attachment>()
  /** Those that are followed only until the commands of an earlier page are settled. */
  const unasked = new Set<string>()
  const outbox = new Outbox({
    ...options,
    send: (text) => connection().send(text),
    replica: (session) => {
      const attachment = attachments.get(session)
      return attachment?.isReady() ? attachment.replica() : undefined
    },
  })
  let port: SessionPort | undefined
  let isOver = false

  function open(id: string): Session {
    port ??= { ...options, ...connection(), outbox, join, leave, settled }
    const session = new Session(id, port)
    sessions.set(id, session)
    session.takeUp()
    if (port.isOpen()) attachments.get(id)?.linked()
    else port.need()
    return session
  }

  /** Follows a session for its commands alone, where any wait. */
  function openUnasked(session: string): void {
    if (sessions.has(session) || outbox.isEmpty(session)) return
    unasked.add(session)
    open(session)
  }

  function join(session: string, attachment: Attachment): void {
    attachments.set(session, attachment)
  }

  function leave(session: string): void {
    attachments.delete(session)
    sessions.delete(session)
    unasked.delete(session)
    options.saved?.leave(session)
    if (!isOver) openUnasked(session)
  }

  function settled(session: string): void {
    if (unasked.has(session) && outbox.isEmpty(session)) sessions.get(session)?.detach()
  }

  return {
    attachments,
    outbox,
    get: (id) => sessions.get(id),
    follow: (id) => {
      unasked.delete(id)
      const session = sessions.get(id) ?? open(id)
      session.follow()
      return session
    },
    takeUp: (commands) => {
      if (isOver) return
      outbox.restore(commands)
      for (const session of sessions.values()) session.takeUp()
      for (const { frame } of commands) openUnasked(frame.session)
    },
    linked: () => {
      // A copy: a listener of the log may ask for a session meanwhile, which is attached then and there.
      for (const { linked } of Array.from(attachments.values())) linked()
    },
    unlinked: () => {
      outbox.unlinked()
      for (const { unlinked } of attachments.values()) unlinked()
    },
    disown: (error) => {
      outbox.clear(error)
      for (const { blank } of Array.from(attachments.values())) blank()
    },
    end: () => {
      isOver = true
      for (const session of sessions.values()) session.end()
    },
  }
}
