import { displayNames } from '../db/people.js';
import type { CentreId, PersonId } from '../domain/ids.js';
import type { RunContext } from './context.js';
import { explainedFields, type ExplainedField } from './explain.js';
import { mergedCentre, type MergedCentre } from './merged-centre.js';

/** Why each value of a centre is what it is, with the names of those who gave one. */
export interface ExplainedCentre {
  readonly id: CentreId;
  /** Empty when no source says the centre any more. */
  readonly fields: readonly ExplainedField[];
}

/** @throws DataError `CENTRE_UNKNOWN` */
export async function explainedCentre(
  run: Pick<RunContext, 'db' | 'config' | 'region' | 'now'>,
  wanted: string,
): Promise<ExplainedCentre> {
  const merged = await mergedCentre(run, wanted);
  const names = await displayNames(run.db, completers(merged));
  return { id: merged.id, fields: explanationsOf(merged, names) };
}

/** People whose values stand before those of the sources. */
export function completers({ centre }: Pick<MergedCentre, 'centre'>): PersonId[] {
  return centre === null ? [] : [...centre.completions.values()].map(({ author }) => author);
}

export function explanationsOf(
  { centre }: Pick<MergedCentre, 'centre'>,
  names: ReadonlyMap<string, string>,
): ExplainedField[] {
  return centre === null
    ? []
    : explainedFields(centre.explanations, (person) => names.get(person) ?? 'Personne effacée');
}
