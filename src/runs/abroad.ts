import type { CentreObservation } from '../domain/centre.js';
import type { Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import { departementsOfTown } from '../normalise/communes.js';
import { readRegion } from '../normalise/departements.js';
import { fold } from '../normalise/text.js';
import type { Alert } from './alerts.js';
import type { Material } from './material.js';
import type { Place, Places } from './places.js';

type Region = Pick<Material['region'], 'code' | 'name' | 'departements'>;

/**
 * Is the row another region's business? By the site when it is known (a Norman hospital may own a site elsewhere:
 * Mamers); by the sites of the hospital when they all lie on one side, whatever else the row says, since a FINESS
 * number or a certain name is worth more than a typing slip; else by what the row states, else by a town that stands
 * only elsewhere. When nothing tells, the row stays: a doubt is a question, not a disappearance.
 */
export function isOutOfRegion(
  observation: CentreObservation,
  place: Place,
  places: Places,
  region: Region,
): boolean {
  const inside = (departement: string): boolean => region.departements.includes(departement);
  const site = places.establishment(place.eg);
  if (site !== null) return !inside(site.departement);
  const sites = place.ej === null ? [] : places.sitesOf(place.ej).map((each) => inside(each.departement));
  if (sites.length > 0 && !(sites.includes(true) && sites.includes(false))) return !sites.includes(true);
  const stated = statedInside(observation, region);
  if (stated !== null) return !stated;
  if (observation.town === null) return false;
  const known = departementsOfTown(observation.town);
  return known.size > 0 && ![...known].some(inside);
}

/** What the row itself says: its département, else its region by present or former name; null when it says neither. */
function statedInside(observation: CentreObservation, region: Region): boolean | null {
  if (observation.departement !== null) return region.departements.includes(observation.departement);
  if (observation.region === null) return null;
  if (fold(observation.region) === fold(region.name)) return true;
  const code = readRegion(observation.region);
  return code === null ? null : code === region.code;
}

/** The hospital is of the region, the row says another: kept, and told to the reviewer. */
export function contradictionReasons(observations: readonly CentreObservation[], region: Region): Reason[] {
  const wrong = observations.find((observation) => statedInside(observation, region) === false);
  if (wrong === undefined) return [];
  const said = [
    wrong.departement === null ? null : `département ${wrong.departement}`,
    wrong.region === null ? null : `région ${wrong.region}`,
  ].filter((part) => part !== null);
  return [
    {
      code: 'note',
      blocking: false,
      field: 'establishment',
      message: `La liste écrit « ${said.join(', ')} », mais l’établissement est de la région ${region.name} : faites corriger la liste.`,
    },
  ];
}

/** A centre whose offer is ours stands still while its row is another region's: somebody must know. */
export function abroadAlerts(material: Material, abroad: ReadonlyMap<CentreId, CentreObservation>): Alert[] {
  return material.links.flatMap((link): Alert[] => {
    const row = abroad.get(link.centre);
    if (row === undefined) return [];
    return [
      {
        code: 'LEFT_REGION',
        message: `Le centre « ${row.title} » (${row.hospital}) est maintenant d’une autre région dans la liste ; l’offre ${link.identifier} reste comme elle est.`,
        remedy: `vérifiez la ligne ; si le centre a vraiment quitté la région, déclarez-le (page « Déclarer » ; au terminal : filror withdraw ${link.centre}).`,
      },
    ];
  });
}
