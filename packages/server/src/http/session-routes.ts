import { countCommand } from './count-command.ts'
import type { Edge } from './edge.ts'
import { refuseDeepBody } from './refuse-deep-body.ts'
import { principalOf } from './require-principal.ts'
import * as schemas from './schemas.ts'
import type { Scope } from './scope.ts'

/** The sessions of a principal: create, list, read, change, delete, and older messages by page. */
export function sessionRoutes(scope: Scope, edge: Edge): void {
  const { host } = edge
  const bodyLimit = host.limits.frameBytes
  const { ERROR, SESSION_ENTRY, SESSION_PARAMS: params } = schemas

  scope.post(
    '/sessions',
    {
      bodyLimit,
      preValidation: refuseDeepBody,
      schema: {
        summary: 'Creates a session (201), or gives the one with this key (200)',
        body: schemas.NEW_SESSION,
        response: { 200: SESSION_ENTRY, 201: SESSION_ENTRY, default: ERROR },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request).id
      countCommand(edge, principal)
      const { created, session } = await host.create(principal, request.body)
      return reply.code(created ? 201 : 200).send(session)
    },
  )

  scope.get(
    '/sessions',
    {
      schema: {
        summary: 'Lists sessions, newest first',
        querystring: schemas.LIST_QUERY,
        response: { 200: schemas.SESSION_LIST, default: ERROR },
      },
    },
    async (request, reply) => reply.send(await host.list(principalOf(request).id, request.query)),
  )

  scope.get(
    '/sessions/:id',
    {
      schema: {
        summary: 'A session, its transcript, and the cursor that this is valid through',
        params,
        response: { 200: schemas.SNAPSHOT, default: ERROR },
      },
    },
    async (request, reply) => reply.send(await host.read(principalOf(request).id, request.params.id)),
  )

  scope.patch(
    '/sessions/:id',
    {
      bodyLimit,
      preValidation: refuseDeepBody,
      schema: {
        summary: 'Changes title or layout; open: false closes the session and stops its run',
        params,
        body: schemas.SESSION_CHANGE,
        response: { 200: SESSION_ENTRY, default: ERROR },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request).id
      countCommand(edge, principal)
      return reply.send(await host.update(principal, request.params.id, request.body))
    },
  )

  scope.delete(
    '/sessions/:id',
    { schema: { summary: 'Removes a session and all its data', params, response: { 204: schemas.NOTHING, default: ERROR } } },
    async (request, reply) => {
      const principal = principalOf(request).id
      countCommand(edge, principal)
      await host.delete(principal, request.params.id)
      return reply.code(204).send(null)
    },
  )

  scope.get(
    '/sessions/:id/messages',
    {
      schema: {
        summary: 'Older messages by page, whole; never moves a cursor',
        params,
        querystring: schemas.PAGE_QUERY,
        response: { 200: schemas.PAGE, default: ERROR },
      },
    },
    async (request, reply) => reply.send(await host.messages(principalOf(request).id, request.params.id, request.query)),
  )
}
