import type { FastifyRequest } from 'fastify';
import { findPerson } from '../../db/person.js';
import { RefusalError } from '../../domain/errors.js';
import { requireOne, rightsOf } from '../access.js';
import type { WebContext } from '../context.js';
import { regionOf } from '../region-routes.js';
import { requireOwnToken } from '../session.js';
import type { Actor } from '../../db/people.js';
import type { ApiCaller, ApiRoute } from './route.js';
import type { AccessTokens } from './tokens.js';

/** Header in which a write by the session's cookie sends the session's token back. */
export const TOKEN_HEADER = 'x-filror-jeton';

interface Known {
  readonly person: Actor;
  readonly issuer: string;
  readonly csrf: string | null;
}

/**
 * Who calls, and whether they may: before anything of the request is read.
 * @throws RefusalError `SIGN_IN_NEEDED`, `TOKEN_REFUSED`, `TOKEN_EXPIRED`, `TOKEN_LEVEL`, `FORM_FORGED`, `NO_GRANT`; DataError
 * `REGION_UNKNOWN`
 */
export async function callerOf(
  context: WebContext,
  tokens: AccessTokens,
  route: Pick<ApiRoute, 'roles'>,
  request: FastifyRequest,
): Promise<ApiCaller> {
  const { person, issuer, csrf } = await known(context, tokens, request);
  const region = regionOf(context, (request.params as Record<string, string>)['region'] ?? '');
  const { review } = context.config;
  const grants = await rightsOf(context.db, {
    person: person.id,
    issuer,
    region,
    review,
    at: context.now(),
  });
  return { person, csrf, region, grants, roles: requireOne(route.roles, grants, region.name) };
}

async function known(context: WebContext, tokens: AccessTokens, request: FastifyRequest): Promise<Known> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
    if (token === undefined) throw signInNeeded();
    return await bearer(context, tokens, token);
  }
  const { session } = request;
  if (session === null) throw signInNeeded();
  if (request.method !== 'GET' && request.method !== 'HEAD')
    requireOwnToken(request, context, request.headers[TOKEN_HEADER]);
  return {
    person: { id: session.person, displayName: session.displayName },
    issuer: session.issuer,
    csrf: session.csrf,
  };
}

/** A browser never adds this header by itself: there is nothing to forge. */
async function bearer(context: WebContext, tokens: AccessTokens, token: string): Promise<Known> {
  const { issuer, subject } = await tokens.check(token);
  const person = await findPerson(context.db, { issuer: issuer.url, subject });
  if (person === null)
    throw new RefusalError({
      code: 'NO_GRANT',
      message: 'Votre compte n’a aucun droit ici : filror ne le connaît pas encore.',
      remedy:
        'connectez-vous une fois aux pages de filror avec ce compte, puis demandez un droit à un administrateur de la région.',
    });
  const displayName = person.displayName ?? 'personne sans nom';
  return { person: { id: person.id, displayName }, issuer: issuer.url, csrf: null };
}

function signInNeeded(): RefusalError {
  return new RefusalError({
    code: 'SIGN_IN_NEEDED',
    message: 'Cette adresse demande de se connecter.',
    remedy:
      'envoyez un jeton d’accès (Authorization: Bearer …), ou connectez-vous aux pages avec ce navigateur.',
  });
}
