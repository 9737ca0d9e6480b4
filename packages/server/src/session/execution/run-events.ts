import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import { countsAfterStop } from './after-stop.ts'
import { bareCloser } from './bare-closer.ts'
import { closes } from './closes.ts'
import { chunkExpander } from './expand-chunks.ts'
import { fitEvent } from './fit-event.ts'
import { renameTerminal } from './rename-terminal.ts'
import { eventRepair, type EventRepairOptions } from './repair-events.ts'
import { followStateSize } from './state-size.ts'
import { withoutRawEvent } from './without-raw-event.ts'
import { subagentEnd, terminalEvent, type RunEnding } from './terminal-event.ts'

/** Why an event of the agent ends the run. */
export type EventFault = { readonly code: 'agent_error' | 'limit'; readonly message: string }

/** The way of an agent's events into the journal. */
export interface RunEvents {
  /** Emits what stands in the journal for an event; a fault is what ends the run instead of it. */
  write(event: SessionEvent): EventFault | undefined
  /** From now on only what settles something is written. */
  stop(): void
  /** The end of the run: what closes all that is open, and the terminal event. */
  end(ending: RunEnding): { readonly events: readonly SessionEvent[]; readonly terminal: EventOf<'RUN_FINISHED' | 'RUN_ERROR'> }
  /** The next run begins; emits what is open in it from the start. */
  resume(run: string): void
  /** The journal's id of a tool call. */
  toolCallId(agentId: string): string
}

export interface RunEventsOptions extends EventRepairOptions {
  readonly session: string
  readonly run: string
  readonly state: unknown
  readonly now: () => number
  readonly emit: (event: SessionEvent) => void
  readonly eventBytes: number
  readonly stateBytes: number
}

export function runEvents(options: RunEventsOptions): RunEvents {
  const { session, emit, now, newId, eventBytes, stateBytes } = options
  const expand = chunkExpander(newId)
  const repair = eventRepair(options)
  const stateSize = followStateSize(options.state, stateBytes)
  let run = options.run
  let isStopped = false
  /** What a fault kept out of the journal: what it opens is not open there, what it closes still is. */
  let unsaid: readonly SessionEvent[] = []

  function writeOne(event: SessionEvent): EventFault | undefined {
    if (isEmptyDelta(event) || (isStopped && !countsAfterStop(event, (about) => repair.knows(about)))) return undefined
    const repaired = repair.repair(event)
    let said = 0
    for (const one of repaired) {
      const fault = emitFitting(one)
      if (fault !== undefined) {
        unsaid = repaired.slice(said)
        return fault
      }
      said += 1
    }
    return undefined
  }

  function emitFitting(event: SessionEvent): EventFault | undefined {
    const stamped = stamp(event)
    const fitted = fitEvent(stamped, eventBytes)
    if (fitted.kind === 'too_large')
      return { code: 'limit', message: `${event.type} has ${fitted.bytes} bytes, more than the ${eventBytes} that an event may have` }
    const bytes = stateBytesBeyond(event)
    if (bytes !== undefined)
      return { code: 'limit', message: `the agent state has ${bytes} bytes, more than the ${stateBytes} that it may have` }
    for (const piece of fitted.events) emit(piece)
    return undefined
  }

  function stateBytesBeyond(event: SessionEvent): number | undefined {
    if (event.type === 'STATE_SNAPSHOT') return stateSize.set(event.snapshot)
    return event.type === 'STATE_DELTA' ? stateSize.patch(event.delta) : undefined
  }

  /** Deltas have neither time nor provider's payload, so that they can be merged; everything else has the host's time. */
  function stamp<E extends SessionEvent>(event: E): E {
    return isDelta(event) ? (withoutRawEvent(event) as E) : { ...event, timestamp: now() }
  }

  function renamed(ending: RunEnding): RunEnding {
    if (ending.kind !== 'own' || ending.event.type === 'RUN_ERROR') return ending
    return { kind: 'own', event: renameTerminal(ending.event, repair) }
  }

  return {
    write(event) {
      const expanded = expand(event)
      if (expanded.kind === 'faulty') return { code: 'agent_error', message: expanded.fault }
      for (const one of expanded.events) {
        const fault = writeOne(one)
        if (fault !== undefined) return fault
      }
      return undefined
    },
    stop() {
      isStopped = true
    },
    end(ending) {
      const terminal = stamp(terminalEvent(renamed(ending), { session, run }, eventBytes))
      const how = subagentEnd(terminal)
      const closers = [...unsaid.flatMap((event) => bareCloser(event, how) ?? []), ...repair.suspend(how)]
      const due = closers.filter((closer) => !unsaid.some((opener) => closes(closer, opener)))
      return { events: [...due.map(stamp), terminal], terminal }
    },
    resume(next) {
      run = next
      for (const event of repair.resume()) emit(stamp(event))
    },
    toolCallId: (agentId) => repair.toolCallId(agentId),
  }
}

type Delta = EventOf<'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT' | 'TOOL_CALL_ARGS'>

function isDelta(event: SessionEvent): event is Delta {
  return event.type === 'TEXT_MESSAGE_CONTENT' || event.type === 'REASONING_MESSAGE_CONTENT' || event.type === 'TOOL_CALL_ARGS'
}

function isEmptyDelta(event: SessionEvent): boolean {
  return isDelta(event) && event.delta === '' && event.metadata === undefined
}
