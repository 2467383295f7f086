import type { PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';
import { insertEntry } from './journal.js';
import type { Role } from './people.js';
import type { Db, Trx } from './types.js';

/** One right of a region, past or present, with the names to show. */
export interface GrantRow {
  readonly no: number;
  readonly person: PersonId;
  /** Null once erased, or never given. */
  readonly name: string | null;
  readonly issuer: string;
  readonly subject: string;
  readonly role: Role;
  readonly grantedAt: Date;
  readonly confirmedAt: Date;
  readonly revokedAt: Date | null;
  /** Of whom the person is the deputy; null for a right of one's own. */
  readonly onBehalfOf: PersonId | null;
  readonly onBehalfOfName: string | null;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly ej: string | null;
  /** Whether the person stood in for still holds the role; true for a right of one's own. */
  readonly represented: boolean;
}

/** Someone who has signed in, or was named by a command. */
export interface KnownPerson {
  readonly id: PersonId;
  readonly name: string | null;
  readonly issuer: string;
  readonly subject: string;
}

const GRANTS = `
  select g.*, p.display_name as name, p.issuer, p.subject, b.display_name as behalf_name,
    g.on_behalf_of is null or exists (select 1 from person_grant h
      where h.region = g.region and h.person = g.on_behalf_of and h.role = g.role
        and h.on_behalf_of is null and h.revoked_at is null) as represented
  from person_grant g
  join person p on p.id = g.person
  left join person b on b.id = g.on_behalf_of`;

/** Every right of a region: those in force first, then those taken back, the last one first. */
export async function grantsOf(db: Db, region: string): Promise<GrantRow[]> {
  const { rows } = await db.raw<{ rows: Stored[] }>(
    `${GRANTS} where g.region = ? order by g.revoked_at desc nulls first, p.display_name, g.role, g.no`,
    [region],
  );
  return rows.map(toGrant);
}

export async function findGrant(db: Db, region: string, no: number): Promise<GrantRow | null> {
  const { rows } = await db.raw<{ rows: Stored[] }>(`${GRANTS} where g.region = ? and g.no = ?`, [
    region,
    no,
  ]);
  return rows[0] === undefined ? null : toGrant(rows[0]);
}

/** What a right to be written is about. */
export interface WantedGrant {
  readonly region: string;
  readonly person: PersonId;
  readonly role: Role;
  readonly ej: string | null;
  readonly onBehalfOf: PersonId | null;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
}

/** @returns the number of the right; null when the same one is already in force. */
export async function insertGrant(
  trx: Trx,
  grant: WantedGrant & { readonly at: Date },
  by: PersonId,
): Promise<number | null> {
  const rows: { no: string }[] = await trx('person_grant')
    .insert({
      region: grant.region,
      person: grant.person,
      role: grant.role,
      ej: grant.ej,
      on_behalf_of: grant.onBehalfOf,
      valid_from: grant.validFrom,
      valid_until: grant.validUntil,
      granted_at: grant.at,
      confirmed_at: grant.at,
    })
    .onConflict(
      trx.raw(
        `(region, person, role, coalesce(on_behalf_of, person), coalesce(ej, '')) where revoked_at is null`,
      ),
    )
    .ignore()
    .returning('no');
  const [row] = rows;
  if (row === undefined) return null;
  await journal(trx, 'giveGrant', grant, by);
  return Number(row.no);
}

export async function touchGrant(
  trx: Trx,
  region: string,
  grant: GrantRow,
  at: Date,
  by: PersonId,
): Promise<void> {
  await trx('person_grant').where({ region, no: grant.no }).update({ confirmed_at: at });
  await journal(trx, 'confirmGrant', { ...grant, region }, by);
}

export async function endGrant(
  trx: Trx,
  region: string,
  grant: GrantRow,
  at: Date,
  by: PersonId,
): Promise<void> {
  await trx('person_grant').where({ region, no: grant.no }).update({ revoked_at: at });
  await journal(trx, 'revokeGrant', { ...grant, region }, by);
}

/** People by key, erased ones left out. */
export async function findPerson(db: Db, id: string): Promise<KnownPerson | null> {
  const row = (await db('person').where({ id }).whereNull('erased_at').first()) as StoredPerson | undefined;
  return row === undefined ? null : toPerson(row);
}

/** Whoever may sign in: accounts of machines and erased people left out. */
export async function knownPeople(db: Db): Promise<KnownPerson[]> {
  const rows = (await db('person')
    .whereNull('erased_at')
    .whereNot('issuer', 'os')
    .orderBy(['display_name', 'subject'])) as StoredPerson[];
  return rows.map(toPerson);
}

/** Names of people stay out of the journal: the key stands for them (DESIGN 5). */
async function journal(
  trx: Trx,
  kind: 'giveGrant' | 'confirmGrant' | 'revokeGrant',
  grant: WantedGrant,
  by: PersonId,
): Promise<void> {
  const { region, person, role, ej, onBehalfOf, validFrom, validUntil } = grant;
  const body = canonicalText({
    person,
    role,
    ...(ej === null ? {} : { ej }),
    ...(onBehalfOf === null
      ? {}
      : { onBehalfOf, validFrom: validFrom?.toISOString(), validUntil: validUntil?.toISOString() }),
  });
  await insertEntry(trx, { region, kind, subject: `person:${person}`, actor: by, body });
}

interface StoredPerson {
  readonly id: PersonId;
  readonly display_name: string | null;
  readonly issuer: string;
  readonly subject: string;
}

function toPerson({ id, display_name, issuer, subject }: StoredPerson): KnownPerson {
  return { id, name: display_name, issuer, subject };
}

interface Stored {
  readonly no: string;
  readonly person: PersonId;
  readonly name: string | null;
  readonly issuer: string;
  readonly subject: string;
  readonly role: Role;
  readonly granted_at: Date;
  readonly confirmed_at: Date;
  readonly revoked_at: Date | null;
  readonly on_behalf_of: PersonId | null;
  readonly behalf_name: string | null;
  readonly valid_from: Date | null;
  readonly valid_until: Date | null;
  readonly ej: string | null;
  readonly represented: boolean;
}

function toGrant(row: Stored): GrantRow {
  return {
    no: Number(row.no),
    person: row.person,
    name: row.name,
    issuer: row.issuer,
    subject: row.subject,
    role: row.role,
    grantedAt: row.granted_at,
    confirmedAt: row.confirmed_at,
    revokedAt: row.revoked_at,
    onBehalfOf: row.on_behalf_of,
    onBehalfOfName: row.behalf_name,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    ej: row.ej,
    represented: row.represented,
  };
}
