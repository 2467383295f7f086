import type { Reason } from '../domain/change.js';
import type { PresentState } from '../mirror/present.js';
import type { Alert } from './alerts.js';
import type { Material } from './material.js';

/** One number that several resources of the repository bear. */
export interface Duplicate {
  readonly kind: 'offer' | 'organization';
  /** Offer identifier, or FINESS number. */
  readonly number: string;
  /** Technical ids, in order. */
  readonly ids: readonly string[];
}

export function duplicatesOf(state: Pick<PresentState, 'offers' | 'ambiguousProviders'>): Duplicate[] {
  const byNumber = new Map<string, string[]>();
  for (const { identifier, remoteId } of state.offers)
    byNumber.set(identifier, [...(byNumber.get(identifier) ?? []), remoteId]);
  const offers = [...byNumber]
    .filter(([, ids]) => ids.length > 1)
    .map(([number, ids]): Duplicate => ({ kind: 'offer', number, ids: [...ids].sort() }));
  const organizations = [...state.ambiguousProviders].map(([number, ids]): Duplicate => ({
    kind: 'organization',
    number,
    ids: [...ids].sort(),
  }));
  return [...offers, ...organizations].sort((a, b) => (a.kind + a.number < b.kind + b.number ? -1 : 1));
}

/** Never "first hit": as long as two offers bear the number, nothing is proposed that could be approved. */
export function duplicateReason(identifier: string | null, material: Material): Reason[] {
  const bearers = material.offers.filter((offer) => offer.identifier === identifier);
  if (bearers.length < 2) return [];
  const shown = bearers
    .map((offer) => `« ${offer.name || 'sans nom'} » (${offer.remoteId}, site ${offer.eg ?? 'inconnu'})`)
    .sort();
  return [
    {
      code: 'duplicateOffer',
      blocking: true,
      field: 'offer',
      message: `${bearers.length} offres du ROR portent l’identifiant ${identifier ?? ''} : ${shown.join(', ')}. Laquelle est la bonne ? Faites corriger le doublon par le GRADeS ; rien n’est écrit d’ici là.`,
    },
  ];
}

export function duplicateAlerts(material: Material): Alert[] {
  return [
    ...duplicatesOf(material).map(({ kind, number, ids }) => ({
      code: 'DUPLICATE',
      message: `${ids.length} ${kind === 'offer' ? 'offres' : 'structures'} du ROR portent le même numéro ${number} (${ids.join(', ')}).`,
      remedy: 'demandez au GRADeS de corriger le doublon : filror n’en choisit aucune.',
    })),
    ...straySigns(material),
  ];
}

/** Our block for a centre whose offer is another: a sheet typed twice, or a copy of the whole comment. */
function straySigns(material: Material): Alert[] {
  return material.links.flatMap(({ centre, identifier }) => {
    const block = `comment[${centre}]` as const;
    return material.offers
      .filter((offer) => offer.identifier !== identifier && offer.elements.has(block))
      .filter(
        (offer) => !material.links.some((l) => l.centre === centre && l.identifier === offer.identifier),
      )
      .map((offer) => ({
        code: 'DUPLICATE_BLOCK',
        message: `L’offre ${offer.identifier} porte le bloc du centre ${centre}, que filror décrit par l’offre ${identifier}.`,
        remedy:
          'voyez avec l’établissement laquelle est la bonne, et faites retirer le bloc ou l’offre en trop par le GRADeS ; filror ne touche pas à une offre à laquelle le centre n’est pas rattaché.',
      }));
  });
}
