import type { PersonId } from '../domain/ids.js';
import { tokenHash } from './sessions.js';
import { inTransaction, type Db, type Trx } from './types.js';

/** A change in exactly one form. */
export interface ShownForm {
  readonly id: string;
  readonly hash: string;
}

/** A link by which one establishment answers once, without an account. */
export interface AgreementLink {
  readonly no: number;
  /** FINESS number of the legal entity that it was made for. */
  readonly ej: string;
  readonly madeAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly changes: readonly ShownForm[];
}

interface LinkRow {
  readonly no: string;
  readonly ej: string;
  readonly made_at: Date;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

/** Keeps a link by the hash of its token. @returns its number */
export async function addAgreementLink(
  db: Db,
  region: string,
  link: {
    readonly token: string;
    readonly ej: string;
    readonly changes: readonly ShownForm[];
    readonly madeBy: PersonId;
    readonly madeAt: Date;
    readonly expiresAt: Date;
    /** A reminder's link asks nothing anew: the deadline stays that of the first one. */
    readonly for?: { readonly mail: number };
  },
): Promise<number> {
  return await inTransaction(db, async (trx) => {
    const [row] = (await trx('agreement_link')
      .insert({
        region,
        token_hash: tokenHash(link.token),
        ej: link.ej,
        made_by: link.madeBy,
        made_at: link.madeAt,
        expires_at: link.expiresAt,
        reminder: link.for !== undefined,
        mail_no: link.for?.mail ?? null,
      })
      .returning('no')) as { no: string }[];
    const no = Number(row?.no);
    await trx('agreement_link_change').insert(
      link.changes.map(({ id, hash }) => ({ region, link_no: no, change_id: id, hash })),
    );
    return no;
  });
}

/** The link of a token, used or expired ones included; null when there is none, or when it was taken back. */
export async function agreementLink(db: Db, region: string, token: string): Promise<AgreementLink | null> {
  const row = (await db('agreement_link')
    .where({ region, token_hash: tokenHash(token) })
    .whereNull('withdrawn_at')
    .first()) as LinkRow | undefined;
  if (row === undefined) return null;
  const changes = (await db('agreement_link_change')
    .where({ region, link_no: row.no })
    .orderBy('change_id')
    .select('change_id', 'hash')) as { change_id: string; hash: string }[];
  return {
    no: Number(row.no),
    ej: row.ej,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    changes: changes.map(({ change_id, hash }) => ({ id: change_id, hash })),
  };
}

/** Uses a link, once. @returns false when it was used or taken back, or is over */
export async function useAgreementLink(trx: Trx, region: string, no: number, at: Date): Promise<boolean> {
  const used = await trx('agreement_link')
    .where({ region, no })
    .whereNull('used_at')
    .whereNull('withdrawn_at')
    .where('expires_at', '>', at)
    .update({ used_at: at });
  return used === 1;
}

/** Takes back a link that nobody got. */
export async function withdrawLink(db: Db, region: string, no: number, at: Date): Promise<void> {
  await db('agreement_link')
    .where({ region, no })
    .whereNull('used_at')
    .whereNull('withdrawn_at')
    .update({ withdrawn_at: at });
}

/** Takes back the links of a message but the newest, which somebody may have got although the server never said so. */
export async function withdrawOlderLinks(trx: Trx, region: string, mail: number, at: Date): Promise<void> {
  await trx('agreement_link')
    .where({ region, mail_no: mail })
    .whereNull('used_at')
    .whereNull('withdrawn_at')
    .where('no', '<', trx('agreement_link').where({ region, mail_no: mail }).max('no'))
    .update({ withdrawn_at: at });
}

/** When a link, reminders apart, was last made for exactly these forms, by the change's id. */
export async function lastAsked(
  db: Db,
  region: string,
  changes: readonly ShownForm[],
): Promise<Map<string, Date>> {
  const hashes = new Map(changes.map(({ id, hash }) => [id, hash]));
  const rows = (await db('agreement_link_change as c')
    .join('agreement_link as l', (on) => on.on('l.region', 'c.region').andOn('l.no', 'c.link_no'))
    .where({ 'c.region': region, 'l.reminder': false })
    .whereRaw('c.change_id = any(?)', [[...hashes.keys()]])
    .orderBy('l.no')
    .select('c.change_id', 'c.hash', 'l.made_at')) as {
    change_id: string;
    hash: string;
    made_at: Date;
  }[];
  return new Map(
    rows.filter((row) => hashes.get(row.change_id) === row.hash).map((row) => [row.change_id, row.made_at]),
  );
}
