import type { FastifyInstance } from 'fastify';
import { DataError } from '../domain/errors.js';

/**
 * What no person types and no table takes: the character NUL, in an address or anywhere in what is sent. Registered after
 * whatever reads forms, so that every text of a request is looked at once, here.
 */
export function registerBorder(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    await Promise.resolve();
    const sent = JSON.stringify([request.params, request.query, request.body ?? null]);
    if (sent.includes('\\u0000')) throw nul();
  });
}

function nul(): DataError {
  return new DataError({
    code: 'FORM_UNREADABLE',
    message: 'Cette demande contient un caractère nul : rien n’a été lu ni enregistré.',
    remedy: 'ôtez-le du texte ou de l’adresse, puis recommencez.',
  });
}
