import type { StoredChange } from '../db/changes.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { CentreId, OfferIdentifier } from '../domain/ids.js';
import { isJsonObject, type Json } from '../domain/json.js';
import type { Contribution } from '../domain/offer.js';
import { RefusalError } from '../domain/errors.js';
import { buildOffer, withoutPlaceholder } from '../ror/build.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import type { CodeBook } from '../ror/codes.js';
import { applyEdits, type ElementEdit } from '../ror/edit.js';
import { patchOf } from '../ror/patch.js';
import { isFrameElement } from '../ror/frame.js';

/** A request ready to be sent, recorded before it is. */
export interface WriteRequest {
  readonly way: 'patch' | 'post' | 'put';
  readonly path: string;
  readonly body: string;
  /** Version that the request was made from; null for a creation, or when the repository names none. */
  readonly version: string | null;
}

/** The edits of a change that the ROR can hold; facts that it cannot say are served, never sent. */
export function rorEdits(change: StoredChange): ElementEdit[] {
  return change.elements
    .filter((element) => element.channel === 'ror')
    .map((element) => ({
      key: element.key,
      path: element.path,
      operation: element.operation,
      ...(element.before === undefined ? {} : { before: element.before }),
      ...(element.after === undefined ? {} : { after: element.after }),
    }));
}

/**
 * Body of a creation. The identifier is reserved beforehand when the region gives a range; otherwise the reserved
 * placeholder is taken out and the repository gives its own.
 */
export function createRequest(
  change: StoredChange,
  region: RegionProfile,
  codes: CodeBook,
  identifier: string | null,
  instant: Date,
): WriteRequest {
  const edits = rorEdits(change);
  const place = edits.find((edit) => edit.key.startsWith('location#'))?.after;
  const contributions = edits
    .filter((edit) => !isFrameElement(edit.key))
    .map((edit): Contribution => ({
      key: edit.key,
      path: edit.path,
      value: edit.after ?? null,
      centre: change.centres[0] as CentreId,
      mode: 'own',
      assumed: false,
      rule: 'apply',
      fields: [],
      text: '',
    }));
  const offer = buildOffer(
    contributions,
    {
      region: region.code,
      identifier: identifier as OfferIdentifier | null,
      providedBy: providerOf(change),
      location: place === undefined ? null : reference(place),
      instant: instant.toISOString(),
    },
    codes,
  );
  return {
    way: 'post',
    path: 'HealthcareService',
    body: JSON.stringify(withoutPlaceholder(offer)),
    version: null,
  };
}

/** PATCH or PUT of an offer that exists, by the first way that the region's profile allows. */
export function editRequest(
  change: StoredChange,
  region: RegionProfile,
  present: { readonly remoteId: string; readonly version: string | null; readonly body: string },
): WriteRequest {
  const edits = rorEdits(change);
  const { version } = present;
  const path = `HealthcareService/${present.remoteId}`;
  for (const way of region.repository.ways) {
    if (way === 'patch') {
      const { patchDialect, accessProfile } = region.repository;
      const sight = accessProfile === 1 ? 'whole' : 'partial';
      const parameters = patchOf(edits, withLists(parseBody(present.body)), patchDialect, sight);
      return { way, path, body: JSON.stringify(parameters), version };
    }
    if (way === 'put') return { way, path, body: applyEdits(present.body, edits), version };
  }
  throw noWay(region, 'patch ou put');
}

export function noWay(region: RegionProfile, wanted: string): RefusalError {
  return new RefusalError({
    code: 'NO_WAY',
    message: `Le profil de la région ${region.name} ne permet pas l’écriture (${wanted}) : voies admises ${region.repository.ways.join(', ')}.`,
    place: `regions/${region.code}.yaml, repository.ways`,
    remedy:
      'tant que le GRADeS n’a pas confirmé un rôle de fournisseur, les changements approuvés se saisissent à la main ; ajoutez la voie au profil quand il l’aura fait, ou signalez-les (au terminal : filror task send).',
  });
}

/** `Organization/<id>` of the EG that carries the offer to create. */
export function providerOf(change: StoredChange): string {
  return reference(change.elements.find((element) => element.key === 'providedBy')?.after);
}

function reference(value: Json | undefined): string {
  const text = isJsonObject(value) ? value['reference'] : undefined;
  if (typeof text !== 'string') {
    throw new RefusalError({
      code: 'APPLY_NO_CARRIER',
      message: 'L’offre n’a pas d’établissement porteur : rien n’est créé.',
      remedy:
        'lancez un passage (page « Passages », ou « filror sync » au terminal) : le site sera cherché dans le ROR et le changement proposé à nouveau.',
    });
  }
  return text;
}
