import { LIMITS, type Limits } from '@throughline/sdk/protocol'

/**
 * The limits of a host: the defaults, unless it is given others. For `Infinity` it takes the largest whole number, since clients are told them as JSON.
 *
 * @throws Error where one is no whole number from 1; `queueBytes` may be 0.
 */
export function hostLimits(given: Partial<Limits> = {}): Limits {
  const limit = (name: keyof Limits, least = 1): number => {
    const value = given[name] === Infinity ? Number.MAX_SAFE_INTEGER : (given[name] ?? LIMITS[name])
    if (!Number.isSafeInteger(value) || value < least)
      throw new Error(`limits.${name} is ${value}: it must be a whole number from ${least}, or Infinity`)
    return value
  }
  return {
    frameBytes: limit('frameBytes'),
    messageBytes: limit('messageBytes'),
    queueBytes: limit('queueBytes', 0),
    commandsPerMinute: limit('commandsPerMinute'),
    sessionsPerLink: limit('sessionsPerLink'),
  }
}
