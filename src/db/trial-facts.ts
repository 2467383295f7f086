import type { CentreId, PersonId } from '../domain/ids.js';
import { sha256, type Json } from '../domain/json.js';
import { openAttempt, updateAttempt } from './attempts.js';
import { setChangeState } from './changes.js';
import { addDecision } from './decisions.js';
import { recordApplied } from './applied.js';
import type { Trx } from './types.js';

/** What is approved of one synthetic centre of one synthetic offer. */
export interface TrialFacts {
  readonly centre: CentreId;
  /** Names as in `served.<name>[<centre>]`. */
  readonly facts: Readonly<Record<string, Json>>;
  /** Ids of the sources that said so, and the day of what they said (YYYY-MM-DD). */
  readonly sources: readonly string[];
  readonly sourceDate: string | null;
}

/**
 * Approved facts of a trial region that nobody planned: one change for the offer, approved and applied under the same
 * constraints as any other (the database refuses a person who has no right, or a quorum that is not reached).
 * @param to `at`: the instant at which the facts are said to be recorded
 */
export async function recordTrialFacts(
  trx: Trx,
  to: { readonly region: string; readonly run: string; readonly approver: PersonId; readonly at: Date },
  identifier: string,
  centres: readonly TrialFacts[],
): Promise<void> {
  const { region, at } = to;
  const elements = centres.flatMap((each) =>
    Object.entries(each.facts).map(([name, value]) => ({ ...each, name, value })),
  );
  const key = ({ name, centre }: { name: string; centre: CentreId }): string => `served.${name}[${centre}]`;
  const id = `essai-${identifier.replace(/[^0-9A-Za-z]+/g, '-').toLowerCase()}`;
  const hash = sha256(JSON.stringify([identifier, centres]));
  const target = `offer:${identifier}`;
  const ids = centres.map(({ centre }) => centre);
  await trx('offer').insert({ region, identifier, created_by_us: false }).onConflict().ignore();
  await trx('centre').insert(ids.map((centre) => ({ region, id: centre, run_id: to.run })));
  await trx('change').insert({
    ...{ region, id, run_id: to.run, kind: 'enrich', state: 'proposed', target, centres: ids, hash },
    ...{ reasons: '[]', quorum: 1, opened_at: at },
  });
  await trx('field_change').insert(
    elements.map((element, position) => ({
      ...{ region, change_id: id, position, key: key(element), path: `served.${element.name}` },
      ...{ operation: 'add', after: JSON.stringify(element.value), conflict: false, channel: 'served' },
      ...{ assumed: false, text: element.name },
      provenance: JSON.stringify(
        element.sources.map((origin) => ({
          ...{ kind: 'source', origin },
          ...(element.sourceDate === null ? {} : { date: element.sourceDate }),
        })),
      ),
    })),
  );
  const decision = { region, changeId: id, hash, person: to.approver, onBehalfOf: null, reason: null, at };
  await addDecision(trx, { ...decision, verdict: 'approve' });
  await setChangeState(trx, region, id, 'approved', at);
  const attempt = await openAttempt(trx, {
    ...{ region, changeId: id, hash, target, way: 'none', identifier, remoteId: null },
    ...{ requestPath: '', requestBody: '', leaseUntil: at },
  });
  if (attempt === null) throw new Error(`somebody else writes ${target}`);
  for (const { centre, facts } of centres)
    await recordApplied(
      trx,
      { region, identifier, attempt: attempt.no, at, centres: [centre] },
      Object.entries(facts).map(([name, value]) => ({
        ...{ key: key({ name, centre }), channel: 'served' as const },
        ...{ beforeUs: undefined, sent: value, readBack: value },
      })),
    );
  await updateAttempt(trx, attempt, { state: 'done', endedAt: at });
  await setChangeState(trx, region, id, 'applied', at);
}
