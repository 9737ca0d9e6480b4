import { comeBack, type Places } from './come-back.ts'

// The default export is how a worker says what answers its requests.
export default {
  fetch: async (request: Request): Promise<Response> => Response.json(await comeBack((await request.json()) as Places)),
}
