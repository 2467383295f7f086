import type { Deployment } from '../domain/deployment.js';
import type { CentreId } from '../domain/ids.js';
import type { Alert } from './alerts.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';
import { sameWriting, type Places } from './places.js';

/** One line of the deployment table with the legal entities that it is about. */
interface Listed {
  readonly fact: Deployment;
  readonly entities: ReadonlySet<string>;
}

/**
 * Gates N8 and N9, on what the plan knows of each hospital, decisions of people included. A hospital "délabellisé" that
 * still has a centre, or an offer that says a rare-disease label, is an alert: never a closure, since a deployment table
 * alone proves no withdrawal (rule 3).
 */
export function deploymentAlerts(
  material: Material,
  places: Places,
  centres: ReadonlyMap<CentreId, ReadyCentre>,
): Alert[] {
  if (material.deployments.length === 0) return [];
  const active = [...centres.values()];
  const listed = material.deployments.map((fact): Listed => ({
    fact,
    entities: entitiesOf(fact, places, active),
  }));
  return [
    ...listed
      .filter(({ fact }) => fact.status === 'delabelled')
      .flatMap((line) => delabelledAlerts(line, material, active)),
    ...outsideAlerts(listed, active),
  ];
}

/**
 * The table gives a name and a town, no number. Whom it names: what people decided for a hospital written so, else what
 * the index is certain of, else where people placed the centres of a hospital written so.
 */
function entitiesOf(fact: Deployment, places: Places, centres: readonly ReadyCentre[]): ReadonlySet<string> {
  const named = places.entitiesNamed(fact.hospital, fact.town);
  if (named.length > 0) return new Set(named);
  return new Set(centres.flatMap((ready) => (ready.ej !== null && isWrittenSo(ready, fact) ? ready.ej : [])));
}

/** By its legal entity; by its name alone only as long as nobody knows which hospital that is. */
function isAt(ready: ReadyCentre, { fact, entities }: Listed): boolean {
  return ready.ej === null ? isWrittenSo(ready, fact) : entities.has(ready.ej);
}

function isWrittenSo(ready: ReadyCentre, fact: Deployment): boolean {
  return ready.centre.observations.some(({ observation }) => sameWriting(observation, fact));
}

function delabelledAlerts(line: Listed, material: Material, centres: readonly ReadyCentre[]): Alert[] {
  const { hospital } = line.fact;
  const inTable = `${hospital} est « délabellisé » dans le tableau BaMaRa, mais`;
  const alerts: Alert[] = [];
  if (line.entities.size === 0) {
    alerts.push({
      code: 'N8',
      message: `${inTable} cet hôpital n’est pas reconnu avec certitude dans FINESS : ses centres n’ont pas pu être contrôlés.`,
      remedy:
        'vérifiez auprès de la PEMR si un centre y est encore listé ; faites préciser le nom dans le tableau.',
    });
  }
  for (const ready of centres.filter((each) => isAt(each, line))) {
    alerts.push({
      code: 'N8',
      message: `${inTable} le centre « ${ready.centre.title} » y est encore listé.`,
      remedy:
        'vérifiez auprès de la PEMR ; un retrait se déclare avec sa preuve (page « Déclarer » ; au terminal : filror withdraw), jamais depuis ce seul tableau.',
    });
  }
  for (const offer of labelledOffers(material, line.entities)) {
    alerts.push({
      code: 'N8',
      message: `${inTable} l’offre ${offer.identifier} « ${offer.name} » y dit encore un niveau de centre labellisé.`,
      remedy: 'vérifiez auprès de la PEMR ; rien n’est fermé ni retiré sans preuve.',
    });
  }
  return alerts;
}

/** N9: a centre stands in a hospital of the table that has signed a convention, or the gap is to be explained. */
function outsideAlerts(listed: readonly Listed[], centres: readonly ReadyCentre[]): Alert[] {
  const known = centres.filter((ready) => ready.ej !== null);
  const absent = known.filter((ready) => !listed.some((line) => isAt(ready, line)));
  const unsigned = known.filter((ready) => {
    const lines = listed.filter((line) => isAt(ready, line));
    return lines.length > 0 && !lines.some(({ fact }) => fact.bamara.signed || fact.bndmr.signed);
  });
  return [
    ...hospitalsAlert(
      absent,
      'hors du tableau BaMaRa',
      'expliquez l’écart : convention non signée, ou hôpital écrit autrement.',
    ),
    ...hospitalsAlert(
      unsigned,
      'dont le tableau BaMaRa ne donne aucune convention signée',
      'demandez à la PEMR où en sont les conventions BaMaRa et BNDMR.',
    ),
  ];
}

function hospitalsAlert(centres: readonly ReadyCentre[], what: string, remedy: string): Alert[] {
  const hospitals = [...new Set(centres.map((ready) => ready.centre.hospital))].sort();
  if (hospitals.length === 0) return [];
  const message = `${hospitals.length} hôpital(aux) avec un centre labellisé ${what} : ${hospitals.join(', ')}.`;
  return [{ code: 'N9', message, remedy }];
}

/** Codes 10 and 11 also serve other labels: enough for an alert, never for more. */
const LABEL_LEVEL = /^characteristic\[expertiseLevel\]#1[01]$/;

function labelledOffers(material: Material, entities: ReadonlySet<string>): Material['offers'] {
  const sites = new Set(
    material.establishments.filter((site) => entities.has(site.ej)).map((site): string => site.eg),
  );
  return material.offers.filter(
    (offer) =>
      offer.eg !== null &&
      sites.has(offer.eg) &&
      [...offer.elements.keys()].some((key) => LABEL_LEVEL.test(key)),
  );
}
