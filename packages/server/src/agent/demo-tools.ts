import type { ServerTool } from './server-tool.ts'

/** Tells the time, truly. */
const clock: ServerTool = {
  name: 'clock',
  description: 'Tells the present date and time, in a time zone if one is given.',
  parameters: {
    type: 'object',
    properties: { timeZone: { type: 'string', description: 'An IANA time zone such as Europe/Rome. UTC if left out.' } },
  },
  execute(args) {
    const timeZone = textIn(args, 'timeZone') ?? 'UTC'
    const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone }).format()
    return { timeZone, time }
  },
}

const SKIES = ['sunny', 'cloudy', 'rain', 'wind', 'fog'] as const

/** Tells a weather that it makes up, and says so: it is there to show a tool loop without a further service and its key. */
const weather: ServerTool = {
  name: 'weather',
  description: 'Demonstration only: makes up a weather for a place. Always say that it is made up.',
  parameters: {
    type: 'object',
    properties: { location: { type: 'string', description: 'The place.' } },
    required: ['location'],
  },
  execute(args) {
    const location = textIn(args, 'location')
    if (location === undefined) throw new Error('location is missing')
    const number = Buffer.from(location).reduce((sum, byte) => sum + byte, 0)
    return { location, sky: SKIES[number % SKIES.length], celsius: 5 + (number % 25), note: 'demo data, made up: not a forecast' }
  },
}

/** The tools of the command's `openai` agent: enough to see a tool loop; an app of one's own brings its own. */
export const DEMO_TOOLS: readonly ServerTool[] = [clock, weather]

function textIn(args: unknown, name: string): string | undefined {
  if (typeof args !== 'object' || args === null) return undefined
  const value = new Map<string, unknown>(Object.entries(args)).get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}
