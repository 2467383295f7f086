import { createHash } from 'node:crypto';
import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** Somebody signed in, in one browser. Known here by the hash of what that browser holds. */
export interface Session {
  readonly idHash: string;
  readonly person: PersonId;
  readonly displayName: string;
  readonly issuer: string;
  readonly subject: string;
  readonly csrf: string;
  readonly notice: string | null;
  readonly expiresAt: Date;
}

/** A sign-in that began and has not come back. */
export interface SignIn {
  readonly issuer: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export async function beginSession(
  db: Db,
  session: { token: string; person: PersonId; csrf: string; at: Date; expiresAt: Date },
): Promise<void> {
  await db('web_session').where('expires_at', '<=', session.at).delete();
  await db('web_session').insert({
    id_hash: tokenHash(session.token),
    person: session.person,
    csrf: session.csrf,
    started_at: session.at,
    seen_at: session.at,
    expires_at: session.expiresAt,
  });
}

/** Less than this since the last request is not written down: reading a page writes nothing. */
const SEEN_EVERY_MS = 60_000;

/** The session of a token, unless it is over or nobody used it since `idleSince`. */
export async function openSession(db: Db, token: string, at: Date, idleSince: Date): Promise<Session | null> {
  const row = (await db('web_session as s')
    .join('person as p', 'p.id', 's.person')
    .where('s.id_hash', tokenHash(token))
    .where('s.expires_at', '>', at)
    .where('s.seen_at', '>', idleSince)
    .first('s.*', 'p.display_name', 'p.issuer', 'p.subject')) as
    | {
        id_hash: string;
        person: PersonId;
        csrf: string;
        notice: string | null;
        seen_at: Date;
        expires_at: Date;
        display_name: string | null;
        issuer: string;
        subject: string;
      }
    | undefined;
  if (row === undefined) return null;
  if (at.getTime() - row.seen_at.getTime() > SEEN_EVERY_MS)
    await db('web_session').where('id_hash', row.id_hash).update({ seen_at: at });
  return {
    idHash: row.id_hash,
    person: row.person,
    displayName: row.display_name ?? row.subject,
    issuer: row.issuer,
    subject: row.subject,
    csrf: row.csrf,
    notice: row.notice,
    expiresAt: row.expires_at,
  };
}

/** What the next page says, once. */
export async function setNotice(db: Db, idHash: string, notice: string | null): Promise<void> {
  await db('web_session').where('id_hash', idHash).update({ notice });
}

export async function endSession(db: Db, token: string): Promise<void> {
  await db('web_session').where('id_hash', tokenHash(token)).delete();
}

export async function beginSignIn(
  db: Db,
  signIn: SignIn & { readonly state: string; readonly at: Date; readonly expiresAt: Date },
): Promise<void> {
  await db('web_sign_in').where('expires_at', '<=', signIn.at).delete();
  await db('web_sign_in').insert({
    state_hash: tokenHash(signIn.state),
    issuer: signIn.issuer,
    nonce: signIn.nonce,
    verifier: signIn.verifier,
    return_to: signIn.returnTo,
    expires_at: signIn.expiresAt,
  });
}

/** Takes a sign-in by its state, once: a second use finds nothing. */
export async function takeSignIn(db: Db, state: string, at: Date): Promise<SignIn | null> {
  const rows = (await db('web_sign_in')
    .where('state_hash', tokenHash(state))
    .where('expires_at', '>', at)
    .delete()
    .returning(['issuer', 'nonce', 'verifier', 'return_to'])) as {
    issuer: string;
    nonce: string;
    verifier: string;
    return_to: string;
  }[];
  const [row] = rows;
  return row === undefined
    ? null
    : { issuer: row.issuer, nonce: row.nonce, verifier: row.verifier, returnTo: row.return_to };
}
