import { openaiAgent, type ServerTool } from '@throughline/server'

const weather: ServerTool = {
  name: 'weather',
  description: 'Tells the weather of a place now.',
  parameters: {
    type: 'object',
    properties: { latitude: { type: 'number' }, longitude: { type: 'number' } },
    required: ['latitude', 'longitude'],
  },
  async execute(args, { signal }) {
    const { latitude, longitude } = args as { latitude: number; longitude: number }
    const url = `https://api.open-meteo.com/v1/forecast?latitude=${latitude}&longitude=${longitude}&current=temperature_2m,wind_speed_10m`
    const response = await fetch(url, { signal })
    if (!response.ok) throw new Error(`the weather service answered ${response.status}`)
    return response.json()
  },
}

/** A model that can look up the weather. */
export const agent = openaiAgent({
  name: 'weather',
  baseURL: process.env['OPENAI_BASE_URL'] ?? 'https://api.openai.com/v1',
  apiKey: process.env['OPENAI_API_KEY'] ?? 'none',
  model: process.env['OPENAI_MODEL'] ?? 'gpt-4.1-mini',
  instructions: 'Answer in one sentence.',
  tools: [weather],
})
