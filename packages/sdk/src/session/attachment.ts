import { backOffMs } from '../connection/back-off.ts'
import { SessionError, type SessionErrorCode } from '../errors.ts'
import type { AttachedFrame, BatchFrame, Cursor, DetachedFrame, DetachReason, RefusedFrame, TranscriptMessage } from '../protocol/index.ts'
import { isGone } from './gone.ts'
import type { LinkPort } from './link-port.ts'
import { applyFrame, BLANK_REPLICA, withOlder, type Replica } from './replica.ts'

/** The client's end of one watch: the replica, and where it stands with the server, from link to link. */
export interface Attachment {
  readonly replica: () => Replica
  /** Whether everything up to the head of the last attach has been applied. */
  readonly caughtUp: () => boolean
  /** Why the session is not followed any more. */
  readonly failure: () => SessionError | undefined
  /** Whether its first attach on this link has no answer yet. */
  readonly isAttaching: () => boolean
  /** Whether commands may go: it is attached, and what happened before has been replayed. */
  readonly isReady: () => boolean
  /** Whether it wants a link. */
  readonly isFollowed: () => boolean

  readonly linked: () => void
  readonly unlinked: () => void
  readonly take: (frame: AttachedFrame | BatchFrame | DetachedFrame) => void
  /** An attach, if it is one of ours, was refused. */
  readonly refused: (frame: RefusedFrame) => void
  /** The server says which seq it handed to this link last. */
  readonly pinged: (sent: number) => void
  /** A frame of this session could not be decoded. */
  readonly malformed: (fault: string) => void

  readonly addOlder: (messages: readonly TranscriptMessage[], more: boolean) => void
  /** Makes this the only view of the session that its user has, until another one does the same. */
  readonly claim: () => void
  /** Forgets what it has, since it was another user's, and follows the session anew. */
  readonly blank: () => void
  /** Stops watching until `retry`, and keeps what it has. */
  readonly pause: () => void
  /** Follows the session again after a failure, or a pause. */
  readonly retry: () => void
  readonly end: () => void
}

/** Who is told, always after the replica changed. */
export interface AttachmentObserver {
  readonly onAttached: (frame: AttachedFrame) => void
  readonly onBatch: (frame: BatchFrame, replayed: boolean) => void
  /** Everything up to the head of the attach has been applied; comes once an attach, after the frame that brought it. */
  readonly onCaughtUp: () => void
  /** The replica is what was saved. */
  readonly onPainted: () => void
  /** Nothing is known any more, since another user is signed in. */
  readonly onBlank: () => void
  /** The server says that the replica has all that was handed to this link. */
  readonly onLevel: () => void
  readonly onFailure: (error: SessionError) => void
}

type Standing =
  | { readonly kind: 'apart' }
  /** There is a link, but what is saved of the session is still being read. */
  | { readonly kind: 'due' }
  /** `again`: what has been replayed on this link stands, so commands may go meanwhile. */
  | { readonly kind: 'attaching'; readonly id: string; readonly again: boolean }
  | { readonly kind: 'attached'; readonly id: string; readonly head: number }
  /** Refused for now; attaches again when the timer is up. */
  | { readonly kind: 'refused'; readonly timer: unknown }
  | { readonly kind: 'paused' }
  | { readonly kind: 'failed'; readonly error: SessionError }

const MAX_FAULTS = 3

const DETACH_CODES: { readonly [Reason in DetachReason]?: SessionErrorCode } = {
  superseded: 'superseded',
  deleted: 'session_not_found',
  forbidden: 'forbidden',
  expired: 'session_expired',
}

/** Begins to follow a session as soon as there is a link. */
export function openAttachment(session: string, port: LinkPort, observer: AttachmentObserver): Attachment {
  const { clock, log, saved } = port
  let replica = BLANK_REPLICA
  let reading: Promise<void> | undefined
  let claim: string | undefined
  let standing: Standing = { kind: 'apart' }
  let caughtUp = false
  let faults = 0
  let faultAt: Cursor | undefined
  let refusals = 0

  function attach(): void {
    // What faulted twice at one cursor will not get better by the same frames; a snapshot may.
    const { cursor } = faults > 1 && faultAt === replica.cursor ? BLANK_REPLICA : replica
    const id = port.mint()
    stand({ kind: 'attaching', id, again: isReady() })
    log()?.({ type: 'attach', session, cursor })
    port.send({ type: 'attach', id, session, ...(cursor !== undefined && { cursor }), ...(claim !== undefined && { exclusive: claim }) })
  }

  /** Attaches where there is a link, once what is saved has been read. */
  function follow(): void {
    if (!port.isOpen()) stand({ kind: 'apart' })
    else if (reading) stand({ kind: 'due' })
    else attach()
  }

  function read(): void {
    const begun = (reading = saved?.load(session, paint))
    void begun?.then(() => {
      if (reading !== begun) return
      reading = undefined
      if (standing.kind === 'due') attach()
    })
  }

  function paint(found: Replica): void {
    // What the server said is newer than anything that was saved.
    if (replica.cursor !== undefined || standing.kind === 'failed') return
    replica = found
    log()?.({ type: 'painted', session, seq: found.seq })
    observer.onPainted()
  }

  function take(frame: AttachedFrame | BatchFrame | DetachedFrame): void {
    // An answer to an older attach says nothing about this one; batches before the answer belong to what was before it.
    if (!('id' in standing)) return
    if (frame.type === 'batch' ? standing.kind === 'attaching' : standing.id !== (frame.id ?? standing.id)) return
    if (frame.type === 'detached') return detached(frame)
    const verdict = applyFrame(replica, frame)
    switch (verdict.kind) {
      case 'applied': {
        const moved = verdict.replica.cursor !== replica.cursor
        replica = verdict.replica
        if (moved) port.progressed()
        saved?.changed(session, () => replica)
        if (frame.type === 'attached') attached(frame)
        else applied(frame)
        return
      }
      case 'duplicate':
        if (frame.type === 'batch') log()?.({ type: 'duplicate', session, from: frame.from, to: frame.to })
        return
      case 'gap':
        return gap(frame.type === 'batch' ? frame.from : frame.head)
      case 'damage':
        return damage(`a ${frame.type} frame cannot be applied`, verdict.cause)
      default:
        return verdict satisfies never
    }
  }

  function attached(frame: AttachedFrame): void {
    const { id, head, resumed } = frame
    stand({ kind: 'attached', id, head })
    refusals = 0
    caughtUp = replica.seq >= head
    log()?.({ type: 'attached', session, resumed, ...(!resumed && { reason: frame.reason }), head, seq: replica.seq })
    observer.onAttached(frame)
    if (caughtUp) observer.onCaughtUp()
  }

  function applied(frame: BatchFrame): void {
    const head = standing.kind === 'attached' ? standing.head : 0
    const { from, to, events } = frame
    const wasCaughtUp = caughtUp
    caughtUp = to >= head
    const replayed = to <= head
    const merged = events.length <= to - from
    log()?.({ type: 'batch', session, from, to, events: events.length, merged, replayed })
    observer.onBatch(frame, replayed)
    if (caughtUp && !wasCaughtUp) observer.onCaughtUp()
  }

  function detached({ reason }: DetachedFrame): void {
    log()?.({ type: 'detached', session, reason })
    if (reason === 'store') attachLater(0)
    else fail(new SessionError(DETACH_CODES[reason] ?? 'detached', `the server ended the watch of session ${session}: ${reason}`))
  }

  function attachLater(retryMs: number): void {
    stand({ kind: 'refused', timer: clock.setTimeout(attach, retryMs + backOffMs(refusals++, port.random)) })
  }

  function gap(from: number): void {
    log()?.({ type: 'gap', session, seq: replica.seq, from })
    fault('gap', `events between ${replica.seq} and ${from} are missing`)
  }

  function damage(what: string, cause?: unknown): void {
    log()?.({ type: 'damage', session, fault: what })
    fault('damaged', what, cause)
  }

  /** Counts a fault of this session. The link is not to blame, but the repair is the same: attach anew from the cursor. */
  function fault(reason: string, what: string, cause?: unknown): void {
    const { cursor } = replica
    faults = faultAt === cursor ? faults + 1 : 1
    faultAt = cursor
    if (faults < MAX_FAULTS) return port.repair(reason)
    port.send({ type: 'detach', session })
    fail(
      new SessionError('damaged', `session ${session} cannot be followed: ${what}, ${MAX_FAULTS} times at one place; retry() tries again`, {
        cause,
      }),
    )
  }

  function fail(error: SessionError): void {
    stand({ kind: 'failed', error })
    if (isGone(error)) saved?.changed(session, () => BLANK_REPLICA)
    observer.onFailure(error)
  }

  function stand(next: Standing): void {
    if (standing.kind === 'refused') clock.clearTimeout(standing.timer)
    standing = next
  }

  function isReady(): boolean {
    return caughtUp && (standing.kind === 'attached' || (standing.kind === 'attaching' && standing.again))
  }

  function failure(): SessionError | undefined {
    return standing.kind === 'failed' ? standing.error : undefined
  }

  function isFollowed(): boolean {
    return standing.kind !== 'failed' && standing.kind !== 'paused'
  }

  read()
  return {
    replica: () => replica,
    caughtUp: () => caughtUp,
    failure,
    isAttaching: () => standing.kind === 'attaching' && !standing.again,
    isReady,
    isFollowed,
    linked: () => {
      if (isFollowed()) follow()
    },
    unlinked: () => {
      if (isFollowed()) stand({ kind: 'apart' })
    },
    take,
    refused: ({ id, code, message, retryMs }) => {
      if (standing.kind !== 'attaching' || standing.id !== id) return
      log()?.({ type: 'unattached', session, code, ...(retryMs !== undefined && { retryMs }) })
      if (retryMs === undefined) fail(new SessionError(code, message))
      else attachLater(retryMs)
    },
    pinged: (sent) => {
      if (standing.kind !== 'attached') return
      if (sent > replica.seq) gap(sent)
      else observer.onLevel()
    },
    malformed: (what) => {
      if ('id' in standing) damage(what)
    },
    addOlder: (messages, more) => {
      replica = { ...withOlder(replica, messages), more }
    },
    claim: () => {
      if (claim !== undefined) return
      claim = port.mint()
      if (standing.kind !== 'apart' && isFollowed()) follow()
    },
    blank: () => {
      replica = BLANK_REPLICA
      caughtUp = false
      read()
      if (isFollowed()) follow()
      observer.onBlank()
    },
    pause: () => {
      if (!isFollowed()) return
      port.send({ type: 'detach', session })
      stand({ kind: 'paused' })
      saved?.leave(session)
    },
    retry: () => {
      const code = failure()?.code
      // `closed`: the app detached it, and its client does not know it any more.
      if (isFollowed() || code === 'closed') return
      // Whoever asks for it again after it was taken away takes it back.
      if (code === 'superseded') claim = port.mint()
      faults = 0
      follow()
      port.need()
    },
    end: () => {
      if (isFollowed()) port.send({ type: 'detach', session })
      stand({ kind: 'failed', error: new SessionError('closed', `session ${session} was detached by the app`) })
    },
  }
}
