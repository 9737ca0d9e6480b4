import swagger from '@fastify/swagger'
import type { Scope } from './scope.ts'

/** Gathers the routes of this scope into an OpenAPI document. Registered before them. */
export async function openApi(scope: Scope): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Throughline',
        description: 'Agent sessions that outlive the tab. The WebSocket is beside these routes, at `socket`; see PROTOCOL.md.',
        version: '1',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  })
}

/** Serves the document. */
export function openApiRoute(scope: Scope): void {
  scope.get('/openapi.json', { schema: { hide: true } }, () => scope.swagger())
}
