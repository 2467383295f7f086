import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** How the establishment said it. French words: `AGREEMENT_CHANNELS` of src/followup/agree. */
export type AgreementChannel = 'email' | 'letter' | 'meeting' | 'phone' | 'form' | 'other';

/** What proves it: a file, by its name and hash, or a reference in somebody else's filing. */
export interface AgreementDocument {
  readonly name: string | null;
  readonly sha256: string | null;
  readonly reference: string | null;
}

/** What an establishment said of one form of one change, and who recorded it. */
export interface Agreement {
  readonly no: number;
  readonly changeId: string;
  readonly hash: string;
  readonly verdict: 'agree' | 'refuse' | 'undo';
  /** Function and establishment; null when an earlier row is taken back. */
  readonly givenBy: string | null;
  readonly channel: AgreementChannel | null;
  /** `2026-03-12` */
  readonly givenOn: string | null;
  readonly document: AgreementDocument;
  readonly reason: string | null;
  readonly recordedBy: PersonId;
  readonly recordedAt: Date;
}

interface AgreementRow {
  readonly no: string;
  readonly change_id: string;
  readonly hash: string;
  readonly verdict: Agreement['verdict'];
  readonly given_by: string | null;
  readonly channel: AgreementChannel | null;
  readonly given_on: string | null;
  readonly document_name: string | null;
  readonly document_sha256: string | null;
  readonly document_reference: string | null;
  readonly reason: string | null;
  readonly recorded_by: PersonId;
  readonly recorded_at: Date;
}

export async function addAgreement(
  db: Db,
  region: string,
  agreement: Omit<Agreement, 'no'>,
): Promise<number> {
  const rows = await db('agreement')
    .insert({
      region,
      change_id: agreement.changeId,
      hash: agreement.hash,
      verdict: agreement.verdict,
      given_by: agreement.givenBy,
      channel: agreement.channel,
      given_on: agreement.givenOn,
      document_name: agreement.document.name,
      document_sha256: agreement.document.sha256,
      document_reference: agreement.document.reference,
      reason: agreement.reason,
      recorded_by: agreement.recordedBy,
      recorded_at: agreement.recordedAt,
    })
    .returning<{ no: string }[]>('no');
  return Number(rows[0]?.no);
}

/** What holds now for exactly this form; null when nothing was recorded, or it was taken back. */
export async function standingAgreement(
  db: Db,
  region: string,
  change: { readonly id: string; readonly hash: string },
): Promise<Agreement | null> {
  return (await standingAgreements(db, region, [change])).get(change.id) ?? null;
}

/** The same for several changes, by the change's id. */
export async function standingAgreements(
  db: Db,
  region: string,
  changes: readonly { readonly id: string; readonly hash: string }[],
): Promise<Map<string, Agreement>> {
  const hashes = new Map(changes.map((change) => [change.id, change.hash]));
  // A date as text: pg would turn it into midnight of the machine's time zone.
  const rows = (await db('agreement')
    .where({ region })
    .whereRaw('change_id = any(?)', [[...hashes.keys()]])
    .distinctOn('change_id', 'hash')
    .orderBy([{ column: 'change_id' }, { column: 'hash' }, { column: 'no', order: 'desc' }])
    .select('*', db.raw('given_on::text as given_on'))) as AgreementRow[];
  const standing = rows.filter((row) => hashes.get(row.change_id) === row.hash && row.verdict !== 'undo');
  return new Map(standing.map((row) => [row.change_id, toAgreement(row)]));
}

/** Everything that was recorded of some changes, taken back or not, oldest first. */
export async function agreementsEver(
  db: Db,
  region: string,
  changeIds: readonly string[],
): Promise<Agreement[]> {
  const rows = (await db('agreement')
    .where({ region })
    .whereRaw('change_id = any(?)', [[...changeIds]])
    .orderBy('no')
    .select('*', db.raw('given_on::text as given_on'))) as AgreementRow[];
  return rows.map(toAgreement);
}

/** Whether another form of the change was agreed to: what was shown then is no longer what would be sent. */
export async function agreedOtherwise(
  db: Db,
  region: string,
  change: { readonly target: string; readonly hash: string },
): Promise<boolean> {
  const row: unknown = await db('agreement as a')
    .join('change as c', (on) => on.on('c.region', 'a.region').andOn('c.id', 'a.change_id'))
    .where({ 'a.region': region, 'a.verdict': 'agree', 'c.target': change.target })
    .whereNot('a.hash', change.hash)
    .first('a.no');
  return row !== undefined;
}

function toAgreement(row: AgreementRow): Agreement {
  return {
    no: Number(row.no),
    changeId: row.change_id,
    hash: row.hash,
    verdict: row.verdict,
    givenBy: row.given_by,
    channel: row.channel,
    givenOn: row.given_on,
    document: { name: row.document_name, sha256: row.document_sha256, reference: row.document_reference },
    reason: row.reason,
    recordedBy: row.recorded_by,
    recordedAt: row.recorded_at,
  };
}
