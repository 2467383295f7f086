import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { explainDatabaseError, hasTimedOut } from '../db/connection-errors.js';
import { RemoteError } from '../domain/errors.js';
import type { FhirContext } from './context.js';
import { Fault, outcomeOf, type IssueCode } from './outcome.js';

export const JSON_TYPE = 'application/fhir+json; charset=utf-8';

/** Answers whatever went wrong as an OperationOutcome (R4, HTTP). */
export async function refused(
  context: FhirContext,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  const fault = faultOf(context, error);
  if (fault.status >= 500 && fault.cause !== undefined)
    context.log.error('fhir request failed', {
      route: request.routeOptions.url ?? 'inconnue',
      error: fault.cause,
    });
  return await reply
    .status(fault.status)
    .headers({ 'cache-control': 'no-store', ...fault.headers })
    .type(JSON_TYPE)
    .send(textOf(fault));
}

function textOf({ code, message, expression }: Fault): string {
  return JSON.stringify(outcomeOf([{ severity: 'error', code, message, expression }]));
}

const ENCODE =
  'Que faire : encodez l’adresse en UTF-8, puis en pourcent : « é » s’écrit %C3%A9 (name=n%C3%A9phrologie), une espace %20, « | » %7C.';

/** Codes of fastify for what was sent, in our words. */
const SENT: Readonly<Record<string, readonly [number, IssueCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'too-long',
    'Corps de requête trop grand. Que faire : faites plusieurs demandes plus petites (64 Kio au plus).',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    'invalid',
    'Longueur du corps différente de celle annoncée. Que faire : corrigez Content-Length, ou ne l’envoyez pas.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'not-supported',
    'Type de contenu non pris en charge. Que faire : envoyez une recherche en application/x-www-form-urlencoded, une Task en application/fhir+json.',
  ],
  FST_ERR_BAD_URL: [400, 'invalid', `Adresse mal écrite. ${ENCODE}`],
};

function faultOf(context: FhirContext, error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (hasTimedOut(error))
    return new Fault(
      503,
      'timeout',
      `Cette recherche dure plus de ${context.config.queryMs} ms : précisez-la, ou demandez un export.`,
      null,
      { 'retry-after': '30' },
    );
  const sent = SENT[String((error as { code?: unknown }).code)];
  if (sent !== undefined) return new Fault(...sent);
  const explained = explainDatabaseError(error, '');
  const fault =
    explained instanceof RemoteError && explained.transient
      ? new Fault(
          503,
          'transient',
          'La base de filror ne répond pas pour l’instant. Que faire : réessayez dans une minute ; si cela dure, prévenez l’exploitant.',
          null,
          { 'retry-after': '60' },
        )
      : new Fault(
          500,
          'exception',
          'Cette demande n’a pas pu être traitée. Que faire : réessayez, puis prévenez l’exploitant.',
        );
  fault.cause = error;
  return fault;
}

/** What node refuses before any request exists: the answer is written by hand on the connection. */
export function refusedConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const fault = unreadable(error.code ?? '');
  const body = textOf(fault);
  socket.end(
    [
      `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}`,
      `Content-Type: ${JSON_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function unreadable(code: string): Fault {
  switch (code) {
    case 'HPE_INVALID_URL':
      return new Fault(400, 'invalid', `L’adresse contient un caractère qui n’est pas encodé. ${ENCODE}`);
    case 'HPE_HEADER_OVERFLOW':
      return new Fault(
        431,
        'too-long',
        'Adresse ou en-têtes trop longs. Que faire : cherchez par POST (…/_search), paramètres dans le corps.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Fault(
        408,
        'timeout',
        'La demande n’est pas arrivée à temps. Que faire : renvoyez-la entière.',
      );
    default:
      return new Fault(400, 'invalid', `Cette demande n’est pas du HTTP lisible. ${ENCODE}`);
  }
}
