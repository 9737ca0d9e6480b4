/** Says how long something took, as one would say it: `0.8 s`, `12 s`, `3 min 20 s`. */
export function durationWords(ms: number): string {
  if (ms < 50) return '< 0.1 s'
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How long lies between two of the server's timestamps; undefined where one is missing. */
export function between(at: number | undefined, endedAt: number | undefined): string | undefined {
  return at === undefined || endedAt === undefined ? undefined : durationWords(endedAt - at)
}
