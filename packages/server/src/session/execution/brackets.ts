import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import { attribute, attribution } from './owners.ts'
import { withoutRawEvent } from './without-raw-event.ts'

/** How subagents end that are still at work when their run ends. */
export type SubagentEnd = { readonly kind: 'suspended' } | { readonly kind: 'error'; readonly message: string }

type Opener = EventOf<'STEP_STARTED'> | EventOf<'SUBAGENT_STARTED'>

/** Steps and subagents: what encloses other events. Methods as in {@link TextMessages}. */
export interface Brackets {
  stepStart(event: EventOf<'STEP_STARTED'>): SessionEvent[]
  stepEnd(event: EventOf<'STEP_FINISHED'>): SessionEvent[]
  subagentStart(event: EventOf<'SUBAGENT_STARTED'>): SessionEvent[]
  subagentEnd(event: EventOf<'SUBAGENT_FINISHED'> | EventOf<'SUBAGENT_ERROR'>): SessionEvent[]
  /** The journal's id of the subagent that the agent calls so. */
  subagentId(agentId: string): string
  isAtWork(agentId: string): boolean
  /** Ends what is open, innermost first, steps before subagents, for the end of a run. */
  suspend(end: SubagentEnd): SessionEvent[]
  /** Begins in the next run what the end of the last one ended. */
  resume(): SessionEvent[]
}

export function brackets(newId: () => string): Brackets {
  /** What is open, in the order of its beginning. */
  const open = new Map<string, Opener>()
  /** Subagents that ended in this run; their ids must not begin again in it. */
  const endedNow = new Set<string>()
  /** Subagents that said themselves that they ended, in any run, and were not begun again. */
  const ended = new Set<string>()
  const renamed = new Map<string, string>()
  let suspended: readonly Opener[] = []

  const subagentId = (agentId: string) => renamed.get(agentId) ?? agentId

  function stepStart(event: EventOf<'STEP_STARTED'>): SessionEvent[] {
    const key = stepKey(event.subagentRunId, event.stepName)
    if (open.has(key)) return []
    open.set(key, event)
    return [event]
  }

  function subagentStart({ parentSubagentRunId, ...event }: EventOf<'SUBAGENT_STARTED'>): SessionEvent[] {
    let id = subagentId(event.subagentRunId)
    if (open.has(subagentKey(id))) return []
    if (endedNow.has(id)) {
      id = newId()
      renamed.set(event.subagentRunId, id)
    }
    const parent = parentSubagentRunId === undefined ? undefined : subagentId(parentSubagentRunId)
    const isParentKnown = parent !== undefined && (open.has(subagentKey(parent)) || endedNow.has(parent))
    const started = { ...event, subagentRunId: id, ...(isParentKnown && { parentSubagentRunId: parent }) }
    open.set(subagentKey(id), started)
    ended.delete(id)
    return [started]
  }

  return {
    stepStart,
    stepEnd(event) {
      // A step is ended by whoever began it; many producers attribute the end to whoever is at work just then.
      const own = stepKey(event.subagentRunId, event.stepName)
      const started = open.get(own) ?? [...open.values()].findLast((opener) => isStep(opener) && opener.stepName === event.stepName)
      if (started === undefined) return []
      open.delete(stepKey(started.subagentRunId, event.stepName))
      return [started.subagentRunId === event.subagentRunId ? event : attribute(event, started.subagentRunId)]
    },
    subagentStart,
    subagentEnd(event) {
      const id = subagentId(event.subagentRunId)
      if (ended.has(id)) return []
      const isOpen = open.has(subagentKey(id))
      const started = isOpen ? [] : subagentStart({ type: 'SUBAGENT_STARTED', subagentRunId: id, name: id })
      open.delete(subagentKey(id))
      endedNow.add(id)
      ended.add(id)
      return [...started, { ...event, subagentRunId: id }]
    },
    subagentId,
    isAtWork: (agentId) => open.has(subagentKey(subagentId(agentId))),
    suspend(end) {
      suspended = [...open.values()]
      open.clear()
      endedNow.clear()
      const inner = suspended.toReversed()
      return [
        ...inner.filter(isStep).map((step) => stepFinished(step)),
        ...inner.filter(isSubagent).map(({ subagentRunId }) => subagentEnded(subagentRunId, end)),
      ]
    },
    resume() {
      return suspended.flatMap((opener) => (isStep(opener) ? stepStart(withoutRawEvent(opener)) : subagentStart(withoutRawEvent(opener))))
    },
  }
}

function stepFinished({ stepName, subagentRunId }: EventOf<'STEP_STARTED'>): SessionEvent {
  return { type: 'STEP_FINISHED', stepName, ...attribution(subagentRunId) }
}

/** How a subagent ends that its run's end finds at work. */
export function subagentEnded(subagentRunId: string, end: SubagentEnd): SessionEvent {
  switch (end.kind) {
    case 'suspended':
      return { type: 'SUBAGENT_FINISHED', subagentRunId, outcome: { type: 'suspended' } }
    case 'error':
      return { type: 'SUBAGENT_ERROR', subagentRunId, message: end.message }
    default:
      return end satisfies never
  }
}

function isStep(opener: Opener): opener is EventOf<'STEP_STARTED'> {
  return opener.type === 'STEP_STARTED'
}

function isSubagent(opener: Opener): opener is EventOf<'SUBAGENT_STARTED'> {
  return opener.type === 'SUBAGENT_STARTED'
}

function stepKey(subagentRunId: string | undefined, stepName: string): string {
  return JSON.stringify(['step', subagentRunId ?? null, stepName])
}

function subagentKey(id: string): string {
  return JSON.stringify(['subagent', id])
}
