import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import { findRun, lastPlan, planInputOf, type PlanInputRow } from '../db/runs.js';
import type { Db } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { type ChangeState, type PlannedChange, offerOfTarget } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import { canonicalText, isJsonObject, sha256, type Json, type JsonObject } from '../domain/json.js';
import type { Contribution } from '../domain/offer.js';
import { parseBody } from '../ror/body.js';
import { buildOffer } from '../ror/build.js';
import { applyEdits } from '../ror/edit.js';
import { isFrameElement } from '../ror/frame.js';
import { UNKNOWN_PROVIDER } from './draft.js';
import { gather } from './gather.js';
import { nothingPlanned } from './nothing-planned.js';
import type { Material } from './material.js';
import { propose, type Proposal } from './propose.js';
import { codeVersion } from './code-version.js';

/** States whose resource is whole: what lacks a value or an answer has no resource yet. */
const WHOLE: readonly ChangeState[] = ['proposed', 'approved', 'conflict'];

/**
 * The resources that a plan would create or change, one canonical JSON text a line, in the order of their targets.
 * Both the export and the replay derive them from the plan's own inputs, so that they are the same bytes as long as
 * code and configuration are the same.
 * The bytes are checked against the hash that was kept when the plan was made.
 * @throws RefusalError `RUN_UNKNOWN`, `RUN_WITHOUT_PLAN`, `REPLAY_CONFIG`, `REPLAY_DIFFERS`
 */
export async function planResources(
  db: Db,
  config: FilrorConfig,
  region: RegionProfile,
  runId: string | null,
): Promise<{ readonly runId: string; readonly lines: readonly string[] }> {
  const { id, input } = await inputOf(db, region, runId);
  if (input.config_hash !== config.hash || input.code_version !== codeVersion) {
    throw new RefusalError({
      code: 'REPLAY_CONFIG',
      message: `Le passage ${id} a été planifié avec une autre configuration ou une autre version (${input.code_version}).`,
      place: `passage ${id}`,
      remedy:
        'rejouez avec la configuration et la version d’alors, ou refaites un plan (page « Passages », ou « filror sync » au terminal).',
    });
  }
  const material = await gather(db, config, region, input.instant, input);
  const proposal = propose(material, unknownCentre);
  const lines = resourceLines(proposal, material);
  if (input.resources_hash !== null && resourcesHash(lines) !== input.resources_hash) throw otherBytes(id);
  return { runId: id, lines };
}

/** One canonical JSON text for each whole resource, in the order of the proposal. */
export function resourceLines(proposal: Proposal, material: Material): string[] {
  return proposal.changes
    .filter((change) => WHOLE.includes(change.state))
    .map((change) => canonicalText(resourceAfter(change, material)));
}

/** Of the exported bytes, line ends included. */
export function resourcesHash(lines: readonly string[]): string {
  return sha256(lines.map((line) => `${line}\n`).join(''));
}

function otherBytes(runId: string): RefusalError {
  return new RefusalError({
    code: 'REPLAY_DIFFERS',
    message: `Les entrées du passage ${runId}, recalculées, ne donnent plus les octets du plan : le code de filror a changé sans changer de version.`,
    place: `passage ${runId}`,
    remedy:
      'n’envoyez rien de ce plan sans le relire (page « Changements », ou filror show au terminal) ; reprenez le code qui l’a produit, ou donnez une nouvelle version à celui-ci et refaites un plan.',
  });
}

/** Every centre of a plan was given its id when the plan was made. */
function unknownCentre(): CentreId {
  throw new Error('a replayed plan met a centre without id');
}

async function inputOf(
  db: Db,
  region: RegionProfile,
  runId: string | null,
): Promise<{ id: string; input: PlanInputRow }> {
  if (runId === null) {
    const last = await lastPlan(db, region.code);
    if (last !== null) return { id: last.runId, input: last.input };
    throw nothingPlanned(region);
  }
  const run = await findRun(db, region.code, runId);
  if (run === null) {
    throw new RefusalError({
      code: 'RUN_UNKNOWN',
      message: `Le passage « ${runId} » n’existe pas dans la région ${region.name}.`,
      remedy:
        'reprenez l’identifiant à la page « Passages » (au terminal : « filror sync --output json », clé « run »).',
    });
  }
  const id = run.same_as ?? run.id;
  const input = await planInputOf(db, region.code, id);
  if (input !== null) return { id, input };
  throw new RefusalError({
    code: 'RUN_WITHOUT_PLAN',
    message: `Le passage « ${runId} » n’a pas produit de plan (${run.state}).`,
    remedy: 'choisissez un passage terminé.',
  });
}

/**
 * The resource as the repository would hold it once the change is applied. An offer still to be created carries the
 * reserved identifier.
 */
export function resourceAfter(change: PlannedChange, material: Material): JsonObject {
  const edits = change.elements.filter((element) => element.channel === 'ror' && !element.conflict);
  const identifier = offerOfTarget(change.target);
  if (identifier !== null) {
    const offer = material.offers.find((each) => each.identifier === identifier);
    if (offer === undefined) throw new Error(`offer ${identifier} is not in the mirror`);
    return parseBody(applyEdits(offer.body, edits));
  }
  const reference = edits.find((edit) => edit.key === 'providedBy')?.after;
  const place = edits.find((edit) => edit.key.startsWith('location#'))?.after;
  const ready = change.centres[0] as CentreId;
  return buildOffer(
    edits
      .filter((edit) => !isFrameElement(edit.key))
      .map((edit): Contribution => ({
        key: edit.key,
        path: edit.path,
        value: edit.after ?? null,
        centre: ready,
        mode: 'own',
        assumed: edit.assumed,
        rule: 'export',
        fields: [],
        text: edit.text,
      })),
    {
      region: material.region.code,
      identifier: null,
      providedBy: referenceText(reference) ?? UNKNOWN_PROVIDER,
      location: referenceText(place),
      instant: material.instant.toISOString(),
    },
    material.rules.codes,
  );
}

function referenceText(value: Json | undefined): string | null {
  const text = isJsonObject(value) ? value['reference'] : undefined;
  return typeof text === 'string' ? text : null;
}
