import { lastAsked } from '../db/agreement-links.js';
import { standingAgreements, type Agreement } from '../db/agreements.js';
import { changesInStates, type StoredChange } from '../db/changes.js';
import { DAY_MS } from '../domain/time.js';
import type { RunContext } from './context.js';
import { plannedCentres } from './planned-centres.js';
import type { CentreIdentity } from './report.js';

/** A change that an establishment may still answer about. */
export interface AskedAgreement {
  readonly change: StoredChange;
  /** Legal entity of all its centres; null when they have none, or several. */
  readonly ej: string | null;
  readonly hospital: string;
  readonly standing: Agreement | null;
  /** When a link was last made for this form; null when nobody was asked that way. */
  readonly askedAt: Date | null;
  /** Without an answer: when to remind, then when it is for others than the hospital's referent. */
  readonly remindAt: Date | null;
  readonly overdueAt: Date | null;
}

/** What waits for the answer of an establishment, or was answered and not sent yet, by hospital. */
export async function agreementsAsked(
  run: Pick<RunContext, 'db' | 'region' | 'config'>,
): Promise<AskedAgreement[]> {
  const { db, region, config } = run;
  const changes = await changesInStates(db, region.code, ['proposed', 'approved']);
  const standing = await standingAgreements(db, region.code, changes);
  const asked = await lastAsked(db, region.code, changes);
  const centres = await plannedCentres(run);
  const { reminderDays, agreementDays } = config.followup;
  return changes
    .map((change) => {
      const askedAt = asked.get(change.id) ?? null;
      const answered = standing.get(change.id) ?? null;
      const after = (days: number): Date | null =>
        askedAt === null || answered !== null ? null : new Date(askedAt.getTime() + days * DAY_MS);
      return {
        change,
        ej: ejOf(change, centres),
        hospital: centres[change.centres[0] ?? '']?.hospital ?? '',
        standing: answered,
        askedAt,
        remindAt: after(reminderDays),
        overdueAt: after(agreementDays),
      };
    })
    .sort((a, b) => (`${a.hospital}|${a.change.id}` < `${b.hospital}|${b.change.id}` ? -1 : 1));
}

/** The legal entity whose people may answer: that of every centre of the change, never one among several. */
export function ejOf(
  change: Pick<StoredChange, 'centres'>,
  centres: Readonly<Record<string, CentreIdentity>>,
): string | null {
  const [ej = null, ...others] = [...new Set(change.centres.map((id) => centres[id]?.ej ?? null))];
  return others.length === 0 ? ej : null;
}
