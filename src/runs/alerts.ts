import { type Reason, offerOfTarget } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';

/** Something a person should look at; it changes neither the plan nor the exit code. */
export interface Alert {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Other people changed what we wrote, and nothing else is to be proposed for the offer: theirs is kept, and told. */
export function driftAlert(target: string, drift: Reason): Alert {
  return {
    code: 'DRIFT',
    message: `Offre ${offerOfTarget(target) ?? target} : ${drift.message}`,
    remedy: 'rien si leur choix est le bon ; sinon, voyez avec l’établissement avant toute correction.',
  };
}

/** Gone from the repository, or carried by an organization that is: nothing is created again without a person. */
export function goneAlert(target: string): Alert {
  return {
    code: 'OFFER_GONE',
    message: `L’offre ${offerOfTarget(target) ?? target}, que filror a écrite, n’est plus dans le ROR : elle n’est pas recréée.`,
    remedy: 'demandez à l’établissement et au GRADeS si elle a été fermée ou renumérotée.',
  };
}

/**
 * A centre that moved cannot take another hospital's offer with it: its elements stand on an offer of its former site
 * until people withdraw them there and attach it again.
 */
export function movedAlerts(material: Material, centres: ReadonlyMap<CentreId, ReadyCentre>): Alert[] {
  return material.links.flatMap((link): Alert[] => {
    const ready = centres.get(link.centre);
    const offer = material.offers.find((each) => each.identifier === link.identifier);
    const [to, from] = [ready?.facts.eg ?? null, offer?.eg ?? null];
    if (link.createdByUs || ready === undefined || to === null || from === null || to === from) return [];
    return [
      {
        code: 'ATTACHED_ELSEWHERE',
        message: `Le centre « ${ready.centre.title} » est maintenant au site ${to}, mais reste rattaché à l’offre ${link.identifier} du site ${from}.`,
        remedy: `déclarez son retrait de cette offre (page « Déclarer » ; au terminal : filror withdraw ${link.centre}), puis son retour (même page, ou filror reopen ${link.centre}) : il sera rattaché au nouveau site.`,
      },
    ];
  });
}
