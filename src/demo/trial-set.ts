import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/files.js';
import { recordTrialFacts, type TrialFacts } from '../db/trial-facts.js';
import { recordRemote, type MirroredType } from '../db/remote.js';
import { finishRun, startRun } from '../db/runs.js';
import { inTransaction, type Db } from '../db/types.js';
import { LABEL_LEVELS } from '../domain/centre.js';
import type { CentreId, PersonId } from '../domain/ids.js';
import type { JsonObject } from '../domain/json.js';
import { append } from '../journal/append.js';
import { centresOf, objects, offerNumber, text, treeOf, type ServedCentre } from '../publish/export/read.js';

/** The frozen set that integrators are given: synthetic centres, as the API serves them. */
export const trialSetFolder = join(packageRoot, 'ops', 'consumers', 'jeu-d-essai');

const RUN = 'run_jeu_d_essai';

/**
 * Makes a trial region hold what the frozen set says, so that publishing it serves the set again: the plain resources
 * are taken as read from the repository, the facts of our extension as approved.
 * @param approver a person entitled to approve there
 */
export async function loadTrialSet(db: Db, region: string, approver: PersonId, now: Date): Promise<void> {
  const plain = resourcesOf('ror.ndjson');
  const offers = resourcesOf('fhir.ndjson').filter((each) => each['resourceType'] === 'HealthcareService');
  await inTransaction(db, async (trx) => {
    await startRun(trx, { region, id: RUN, kind: 'sync', startedAt: now });
    await recordRemote(trx, region, now, plain.map(asRead));
    for (const offer of offers) {
      const centres = centresOf(offer);
      const recorded = centres.map((centre) => centre.recorded).sort();
      const at = new Date(recorded.at(-1) ?? now);
      const to = { region, run: RUN, approver, at };
      if (centres.length > 0) await recordTrialFacts(trx, to, offerNumber(offer), centres.map(factsOf));
    }
    await finishRun(trx, region, RUN, { state: 'done', finishedAt: now });
    await append(trx, { region, kind: 'mirror', subject: `region:${region}`, actor: null, body: {} });
  });
}

function resourcesOf(file: string): readonly JsonObject[] {
  const lines = readFileSync(join(trialSetFolder, file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => treeOf(line, file));
}

function asRead(resource: JsonObject): Parameters<typeof recordRemote>[3][number] {
  const [identifier] = objects(resource['identifier']);
  return {
    type: text(resource['resourceType']) as MirroredType,
    remoteId: text(resource['id']),
    identifier: text(identifier?.['value']) || null,
    versionId: null,
    body: JSON.stringify(resource),
  };
}

function factsOf(centre: ServedCentre): TrialFacts {
  const label = LABEL_LEVELS.find((level) => level === centre.role.display);
  return {
    centre: centre.centre as CentreId,
    facts: {
      ...(centre.filiere.code === ''
        ? {}
        : { filiere: { code: centre.filiere.code, title: centre.filiere.display } }),
      ...(centre.network === '' ? {} : { network: centre.network }),
      ...(label === undefined ? {} : { label }),
      ...(centre.campaign === '' ? {} : { campaign: centre.campaign }),
      ...(centre.erns.length === 0 ? {} : { ern: centre.erns }),
    },
    sources: centre.sources,
    sourceDate: centre.sourceDate === '' ? null : centre.sourceDate,
  };
}
