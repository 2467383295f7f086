import type { Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { MatchIndex } from '../matching/index.js';
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
    message: `Offre ${target.replace('offer:', '')} : ${drift.message}`,
    remedy: 'rien si leur choix est le bon ; sinon, voyez avec l’établissement avant toute correction.',
  };
}

/** Gone from the repository, or carried by an organization that is: nothing is created again without a person. */
export function goneAlert(target: string): Alert {
  return {
    code: 'OFFER_GONE',
    message: `L’offre ${target.replace('offer:', '')}, que filror a écrite, n’est plus dans le ROR : elle n’est pas recréée.`,
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
        remedy: `déclarez son retrait de cette offre (filror withdraw ${link.centre}), puis rattachez-le à une offre du nouveau site.`,
      },
    ];
  });
}

/** Codes 10 and 11 also serve other labels: enough for an alert, never for more. */
const LABEL_LEVEL = /^characteristic\[expertiseLevel\]#1[01]$/;

/**
 * Gates N8 and N9. A hospital "délabellisé" that still has a centre, or an offer that says a rare-disease label, is an
 * alert: never a closure, since a deployment table alone proves no withdrawal (rule 3).
 */
export function deploymentAlerts(
  material: Material,
  index: MatchIndex,
  centres: ReadonlyMap<CentreId, ReadyCentre>,
): Alert[] {
  if (material.deployments.length === 0) return [];
  const alerts: Alert[] = [];
  const listed = new Set<string>();
  for (const fact of material.deployments) {
    const found = index.match({ mention: fact.hospital, city: fact.town, departement: null });
    const ej = found.outcome === 'auto' ? found.best?.ej : undefined;
    if (ej !== undefined) listed.add(ej);
    if (fact.status !== 'delabelled') continue;
    if (ej === undefined) {
      alerts.push({
        code: 'N8',
        message: `${fact.hospital} est « délabellisé » dans le tableau BaMaRa, mais cet hôpital n’est pas reconnu avec certitude dans FINESS : ses centres n’ont pas pu être contrôlés.`,
        remedy:
          'vérifiez auprès de la PEMR si un centre y est encore listé ; faites préciser le nom dans le tableau.',
      });
      continue;
    }
    const active = [...centres.values()].filter((ready) => ready.ej !== null && ready.ej === ej);
    const offers = offersOf(material, ej);
    for (const ready of active) {
      alerts.push({
        code: 'N8',
        message: `${fact.hospital} est « délabellisé » dans le tableau BaMaRa, mais le centre « ${ready.centre.title} » y est encore listé.`,
        remedy:
          'vérifiez auprès de la PEMR ; un retrait se déclare avec sa preuve (filror withdraw), jamais depuis ce seul tableau.',
      });
    }
    for (const offer of offers) {
      alerts.push({
        code: 'N8',
        message: `${fact.hospital} est « délabellisé » dans le tableau BaMaRa, mais l’offre ${offer.identifier} « ${offer.name} » y dit encore un niveau de centre labellisé.`,
        remedy: 'vérifiez auprès de la PEMR ; rien n’est fermé ni retiré sans preuve.',
      });
    }
  }
  const absent = [...centres.values()].filter((ready) => ready.ej !== null && !listed.has(ready.ej));
  const hospitals = [...new Set(absent.map((ready) => ready.centre.hospital))].sort();
  if (hospitals.length > 0) {
    alerts.push({
      code: 'N9',
      message: `${hospitals.length} hôpital(aux) avec un centre labellisé hors du tableau BaMaRa : ${hospitals.join(', ')}.`,
      remedy: 'expliquez l’écart : convention non signée, ou hôpital écrit autrement.',
    });
  }
  return alerts;
}

function offersOf(material: Material, ej: string | undefined): Material['offers'] {
  if (ej === undefined) return [];
  const sites = new Set(
    material.establishments.filter((site) => site.ej === ej).map((site): string => site.eg),
  );
  return material.offers.filter(
    (offer) =>
      offer.eg !== null &&
      sites.has(offer.eg) &&
      [...offer.elements.keys()].some((key) => LABEL_LEVEL.test(key)),
  );
}
