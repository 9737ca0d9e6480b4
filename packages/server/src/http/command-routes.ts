import { checkClientFrame, type CommandFrame } from '@throughline/sdk/protocol'
import type { FastifyRequest } from 'fastify'
import { nanoid } from 'nanoid'
import { Refusal } from '../session/refusal.ts'
import { countCommand } from './count-command.ts'
import type { Edge } from './edge.ts'
import { principalOf } from './require-principal.ts'
import * as schemas from './schemas.ts'
import type { Scope } from './scope.ts'

type Fields = Readonly<Record<string, unknown>>

/** Commands over HTTP: the frames of the WebSocket, answered once their effect is stored, and so with 200 rather than 202. */
export function commandRoutes(scope: Scope, edge: Edge): void {
  const bodyLimit = edge.host.limits.frameBytes
  const { SESSION_PARAMS: params } = schemas
  const response = { 200: schemas.COMMAND_ANSWER, default: schemas.ERROR }

  scope.post(
    '/sessions/:id/messages',
    { bodyLimit, schema: { summary: 'Sends a message: it starts a run, or waits for its turn', params, body: schemas.SEND, response } },
    (request) => take(request, request.params.id, sendFields(request.body)),
  )

  scope.post(
    '/sessions/:id/stop',
    { bodyLimit, schema: { summary: 'Stops an execution; the session stays', params, body: schemas.STOP, response } },
    (request) => take(request, request.params.id, { ...request.body, type: 'stop' }),
  )

  scope.post(
    '/sessions/:id/answers',
    { bodyLimit, schema: { summary: 'Answers an open interrupt', params, body: schemas.ANSWER, response } },
    (request) => take(request, request.params.id, { ...request.body, type: 'answer' }),
  )

  async function take(request: FastifyRequest, session: string, fields: Fields) {
    const principal = principalOf(request).id
    const frame = commandFrame({ ...fields, id: fields['id'] ?? nanoid(), session })
    countCommand(edge, principal)
    return { id: frame.id, result: await edge.host.command(principal, frame) }
  }
}

/** A message and its command have one id; over HTTP either may be left out. */
function sendFields(body: { readonly id?: string; readonly message?: Fields }): Fields {
  const id = body.id ?? body.message?.['id'] ?? nanoid()
  return { ...body, type: 'send', id, ...(body.message !== undefined && { message: { id, ...body.message } }) }
}

function commandFrame(value: Fields): CommandFrame {
  const checked = checkClientFrame(value)
  if (checked.kind === 'refused') throw new Refusal(checked.code, checked.message)
  return checked.frame as CommandFrame
}
