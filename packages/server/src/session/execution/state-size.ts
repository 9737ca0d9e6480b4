import { applyPatch } from '@throughline/sdk/transcript'
import { encodedBytes } from './fit-event.ts'

/** How large the agent state becomes, looked at before an event changes it for everybody. */
export interface StateSize {
  /** Sets the state; how many bytes too large it is said to be, undefined where it fits. */
  set(snapshot: unknown): number | undefined
  /** Patches the state; the same. A patch that cannot be applied changes nothing. */
  patch(operations: readonly StateOperation[]): number | undefined
}

/** As much of a JSON patch operation as its size depends on. */
export interface StateOperation {
  readonly op: string
}

/**
 * Follows the size of the agent state in encoded bytes. Patches are only gathered as long as their own size shows that the state fits, and
 * applied when it no longer does, so that a small change costs little however large the state is. Returned are the bytes of a state that is
 * larger than `maxBytes`.
 */
export function followStateSize(initial: unknown, maxBytes: number): StateSize {
  let state: unknown = initial ?? {}
  /** At most how large the state is with all gathered patches; unknown until it matters. */
  let bound: number | undefined
  let gathered: (readonly StateOperation[])[] = []

  function applyGathered(): number | undefined {
    for (const operations of gathered) {
      const patched = patchWithin(state, operations, maxBytes)
      if (patched.kind === 'too_large') return patched.bytes
      state = patched.state
    }
    gathered = []
    bound = encodedBytes(state)
    return bound > maxBytes ? bound : undefined
  }

  return {
    set(snapshot) {
      state = snapshot
      gathered = []
      bound = encodedBytes(snapshot)
      return bound > maxBytes ? bound : undefined
    },
    patch(operations) {
      bound = (bound ?? encodedBytes(state)) + encodedBytes(operations)
      // A copy adds what its own bytes do not show: at most all there is.
      for (const { op } of operations) if (op === 'copy') bound *= 2
      gathered.push(operations)
      return bound > maxBytes ? applyGathered() : undefined
    },
  }
}

type Patched = { readonly kind: 'patched'; readonly state: unknown } | { readonly kind: 'too_large'; readonly bytes: number }

/** Applies a patch. One that copies is looked at after each copy, since a few dozen of them could make a state that nothing can hold. */
function patchWithin(state: unknown, operations: readonly StateOperation[], maxBytes: number): Patched {
  if (!operations.some(({ op }) => op === 'copy')) {
    const verdict = applyPatch(state, operations)
    return { kind: 'patched', state: verdict.kind === 'patched' ? verdict.document : state }
  }
  let patched = state
  for (const operation of operations) {
    const verdict = applyPatch(patched, [operation])
    if (verdict.kind === 'void') return { kind: 'patched', state }
    patched = verdict.document
    const bytes = operation.op === 'copy' ? encodedBytes(patched) : 0
    if (bytes > maxBytes) return { kind: 'too_large', bytes }
  }
  return { kind: 'patched', state: patched }
}
