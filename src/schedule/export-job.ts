import { access, constants, stat } from 'node:fs/promises';
import type { FilrorConfig } from '../config/load.js';
import { audiencesOf } from '../config/schema/fhir.js';
import { DataError, RefusalError } from '../domain/errors.js';
import type { ExportOutcome } from '../domain/export-outcome.js';
import type { SlotEnd } from '../domain/schedule.js';
import { exportSet } from '../publish/export/export-set.js';
import { publish } from '../publish/publish.js';
import { CodeBook } from '../ror/codes.js';
import type { RunContext } from '../runs/context.js';

/**
 * Brings what is served up to date, then writes the set of it. Nothing is sent. Interrupted anywhere, it may be done
 * again: the same state gives the same bytes under the same name.
 * @throws RefusalError `EXPORT_CLOSED`, `EXPORT_NOT_PUBLISHED`; DataError `EXPORT_UNSET`, `EXPORT_FOLDER`, `EXPORT_OLD_SET`
 */
export async function exportEnd({ db, config, region }: RunContext): Promise<SlotEnd> {
  const { fhir, schedule } = config;
  const { audience, formats, keep } = schedule.export;
  const to = await exportFolder(config);
  await publish({ db, region: region.code, audiences: audiencesOf(fhir), canonical: fhir.canonical });
  const labels = new CodeBook(config.codes);
  const { name, outcome, offers, former, departures, removed, strange } = await exportSet(
    db,
    { region, audience, formats, licence: fhir.licence, labels, to, keep },
    'real',
  );
  const written = outcome === 'written';
  const told: ExportOutcome = { set: name, written, offers, former, departures, removed, strange };
  return { state: 'done', exitCode: 0, outcome: told, error: null };
}

/**
 * The folder where the schedule writes its sets. Unlike the one of a command it is never made: on a machine whose disk
 * is not mounted, the sets would go where nobody looks for them.
 * @throws DataError `EXPORT_UNSET`, `EXPORT_FOLDER`; RefusalError `EXPORT_CLOSED` when nobody is this audience
 */
export async function exportFolder({ fhir, schedule }: FilrorConfig): Promise<string> {
  const { to, audience } = schedule.export;
  if (to === null) throw unset();
  if (!audiencesOf(fhir).includes(audience)) throw closed(audience);
  const there = await stat(to).catch((cause: unknown) => {
    throw unusable(to, 'il n’existe pas, ou ce compte ne le voit pas', cause);
  });
  if (!there.isDirectory()) throw unusable(to, 'ce n’est pas un dossier');
  await access(to, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw unusable(to, 'ce compte ne peut pas y écrire', cause);
  });
  return to;
}

function unset(): DataError {
  return new DataError({
    code: 'EXPORT_UNSET',
    message: 'Le dossier où le jeu à télécharger paraîtrait n’est pas dit.',
    place: 'schedule.yaml, export.to',
    remedy:
      'écrivez dans schedule.yaml export.to, le chemin absolu d’un dossier qui existe, par exemple /srv/filror/exports ; ou ôtez la planification (au terminal : filror schedule remove).',
  });
}

function unusable(to: string, why: string, cause?: unknown): DataError {
  return new DataError({
    code: 'EXPORT_FOLDER',
    message: `Le jeu à télécharger ne peut pas paraître dans ${to} : ${why}.`,
    place: 'schedule.yaml, export.to',
    remedy:
      'créez ce dossier (ou montez son disque) et donnez-le au compte de filror, ou corrigez export.to ; les jeux déjà écrits sont intacts. Puis relancez, au terminal : filror schedule run, et le nom de la planification.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function closed(audience: string): RefusalError {
  return new RefusalError({
    code: 'EXPORT_CLOSED',
    message: `Personne ne lit en tant que « ${audience} » : il n’y a rien à exporter pour ce public.`,
    place: 'schedule.yaml, export.audience',
    remedy:
      'ouvrez ce public dans fhir.yaml (public: true, ou un client de ce public), ou changez export.audience.',
  });
}
