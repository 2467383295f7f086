import { DataError } from '../domain/errors.js';
import { CodeBook } from '../ror/codes.js';
import type { GivenAnswer } from './act.js';
import { checkCompletion } from './complete.js';
import type { RunContext } from './context.js';
import { requireProvedSince, type Proved } from './declare.js';
import { knownSites } from './known-sites.js';
import { requirePlanned } from './planned-centres.js';

/**
 * A centre works at another site since a day: of its hospital, or of another one of the region.
 * @param eg FINESS number (EG) of the new site
 * @throws DataError `COMPLETE_VALUE`, `SITE_SAME`, `CENTRE_UNKNOWN`, `PROOF_MISSING`, `DATE_INVALID`, `DATE_FUTURE`
 */
export async function moveAnswer(
  held: RunContext,
  centre: string,
  eg: string,
  proved: Proved,
): Promise<GivenAnswer> {
  const known = await requirePlanned(held, centre);
  const wanted = eg.replaceAll(/\s/g, '').toUpperCase();
  const [site] = await knownSites(held, [wanted]);
  const field = site !== undefined && site.eg === wanted && site.ej === known.ej ? 'site' : 'etablissement';
  const { field: completed, value } = await checkCompletion(
    held,
    new CodeBook(held.config.codes),
    `${field}=${wanted}`,
    { ej: known.ej, candidates: [] },
  );
  if (value === known.eg)
    throw new DataError({
      code: 'SITE_SAME',
      message: `Le centre est déjà décrit au site ${String(value)}.`,
      place: centre,
      remedy: 'donnez le numéro FINESS de son nouveau site.',
    });
  const { proof, date } = requireProvedSince(proved, 'déclarer un déménagement', held.now());
  return { kind: 'complete', subject: centre, body: { field: completed, value, proof, date } };
}
