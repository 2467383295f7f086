import { keyOf } from '../consolidate/identity.js';
import { answersOf, type Answer } from '../db/answers.js';
import { centreAges, centreExists, centreKeys } from '../db/centres.js';
import { DataError } from '../domain/errors.js';
import type { CentreId } from '../domain/ids.js';
import type { RunContext } from './context.js';
import { redirected, sameCentres } from './sightings.js';

/** A centre under all its ids, and the rows of lists that are held for it now. */
export interface KnownAs {
  readonly id: CentreId;
  readonly ids: readonly CentreId[];
  readonly sameAs: CentreId | null;
  readonly keys: readonly { readonly source: string; readonly key: string }[];
  /** Every answer of the region that holds now. */
  readonly answers: readonly Answer[];
}

/** @throws DataError `CENTRE_UNKNOWN` */
export async function whoIs(run: Pick<RunContext, 'db' | 'region'>, wanted: string): Promise<KnownAs> {
  const { db, region } = run;
  if (!(await centreExists(db, region.code, wanted))) throw centreUnknown(wanted, region.name);
  const id = wanted as CentreId;
  const answers = await answersOf(db, region.code);
  const keys = new Map((await centreKeys(db, region.code)).map((row) => [keyOf(row), row.centre]));
  const people = { keys, answers, ages: await centreAges(db, region.code) };
  const held = sameCentres(people);
  const older = held(id);
  return {
    id,
    ids: [id, ...[...new Set(keys.values())].filter((each) => each !== id && held(each) === id)],
    sameAs: older === id ? null : older,
    keys: [...redirected(people)].filter(([, centre]) => centre === id).map(([key]) => cut(key)),
    answers,
  };
}

function cut(key: string): { source: string; key: string } {
  const at = key.indexOf('|');
  return { source: key.slice(0, at), key: key.slice(at + 1) };
}

function centreUnknown(id: string, region: string): DataError {
  return new DataError({
    code: 'CENTRE_UNKNOWN',
    message: `Le centre « ${id.slice(0, 40)} » n’existe pas dans la région ${region}.`,
    remedy: 'partez de la liste des centres.',
  });
}
