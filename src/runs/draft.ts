import type { Reason } from '../domain/change.js';
import { DataError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';
import { buildOffer } from '../ror/build.js';
import type { EncodedCentre } from '../ror/encode.js';
import { isFrameElement } from '../ror/frame.js';
import { validateOffer } from '../ror/validate.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';
import { writesItself } from '../config/schema/region.js';

/** Carrier of a resource planned before any repository was read; such a resource is drafted and exported, never sent. */
export const UNKNOWN_PROVIDER = 'Organization/inconnu';

/**
 * What holds a creation back besides missing values: the carrier absent from the repository, and any finding of the
 * validator on the whole draft (DESIGN 3 (7): validated whole before it can be proposed).
 */
export function draftReasons(ready: ReadyCentre, encoding: EncodedCentre, material: Material): Reason[] {
  const reasons: Reason[] = encoding.notes.map((note) => ({ code: 'note', blocking: false, message: note }));
  const provider = ready.facts.eg === null ? undefined : material.providers.get(ready.facts.eg);
  const bearers = ready.facts.eg === null ? undefined : material.ambiguousProviders.get(ready.facts.eg);
  if (bearers !== undefined) {
    reasons.push({
      code: 'duplicateProvider',
      blocking: true,
      field: 'providedBy',
      message: `${bearers.length} structures du ROR portent le FINESS ${ready.facts.eg ?? ''} (${bearers.join(', ')}) : laquelle porte l’offre ? Faites corriger le doublon par le GRADeS.`,
    });
  } else if (ready.facts.eg !== null && provider === undefined) {
    const message = material.mirrored
      ? `Le site FINESS ${ready.facts.eg} n’est pas dans le ROR : demandez sa création avant l’offre.`
      : 'Le ROR n’a encore jamais été lu : lancez un passage (page « Passages », ou « filror sync » au terminal) quand il répond, le site y sera cherché.';
    // Where nothing is written by us, a person types the sheet and sees the carrier: an unread ROR only informs.
    const blocking = material.mirrored || writesItself(material.region);
    reasons.push({ code: 'providerAbsent', blocking, field: 'providedBy', message });
  }
  // A draft that lacks values is « à compléter »; validating it would only say the same in other words.
  if (encoding.missing.length > 0) return reasons;
  if (encoding.retired.some(({ successor }) => successor === null)) return reasons;
  const draft = drafted(reasons, () =>
    buildOffer(
      encoding.contributions.filter((contribution) => !isFrameElement(contribution.key)),
      {
        region: ready.facts.region,
        identifier: null,
        providedBy: provider?.reference ?? UNKNOWN_PROVIDER,
        location: provider?.location ?? null,
        instant: material.instant.toISOString(),
      },
      material.rules.codes,
    ),
  );
  if (draft === null) return reasons;
  for (const finding of validateOffer(draft, material.rules.codes)) {
    if (finding.severity !== 'error') continue;
    reasons.push({
      code: 'invalid',
      blocking: true,
      field: finding.element,
      message: `${finding.code} : ${finding.message} ${finding.remedy}`,
    });
  }
  return reasons;
}

/** A code of the offer's own frame (region, kind of identifier) that is out of use: no centre may be created, none is lost. */
function drafted(reasons: Reason[], build: () => JsonObject): JsonObject | null {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'ROR_CODE_RETIRED') throw error;
    reasons.push({
      code: 'codeRetired',
      blocking: true,
      message: `${error.message} Que faire : ${error.remedy}`,
    });
    return null;
  }
}
