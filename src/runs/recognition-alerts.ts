import { counted } from '../domain/counted.js';
import type { CentreId } from '../domain/ids.js';
import { holdsOn } from '../domain/recognition.js';
import { parisIsoDay } from '../domain/time.js';
import { regionOf } from '../normalise/departements.js';
import type { Alert } from './alerts.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';

/**
 * What the contractual recognition of FINESS+ (R8, RC10) says beside the lists: sites of the region that it recognises and
 * where no list has a centre, and sites with a centre that it does not recognise. It names no centre: an alert, never
 * a change. Silent as long as the flow recognises no open site of the region: it may not carry them at all.
 */
export function recognitionAlerts(material: Material, centres: ReadonlyMap<CentreId, ReadyCentre>): Alert[] {
  const open = new Map(material.establishments.map((site) => [site.eg as string, site]));
  const today = parisIsoDay(material.instant);
  const recognised = new Set(
    material.recognitions
      .filter((one) => holdsOn(one, today) && inRegion(open.get(one.eg)?.departement, material))
      .map(({ eg }): string => eg),
  );
  if (recognised.size === 0) return [];
  const carried = new Map<string, ReadyCentre[]>();
  for (const ready of centres.values()) {
    const { eg } = ready.facts;
    if (eg !== null) carried.set(eg, [...(carried.get(eg) ?? []), ready]);
  }
  const nameOf = (eg: string): string => `${open.get(eg)?.name ?? 'site'} (${eg})`;
  const without = [...recognised].filter((eg) => !carried.has(eg)).sort();
  const unknown = [...carried.keys()].filter((eg) => !recognised.has(eg)).sort();
  return [
    ...(without.length === 0
      ? []
      : [
          {
            code: 'RECOGNISED_UNLISTED',
            message: `FINESS+ reconnaît « maladies rares » ${counted(without.length, 'site')} où aucune liste ne donne de centre : ${without.map(nameOf).join(', ')}.`,
            remedy:
              'demandez à la PEMR si un centre y manque dans les listes, ou s’il est rattaché à un autre site du même hôpital. Rien n’est créé à partir de FINESS+.',
          },
        ]),
    ...(unknown.length === 0
      ? []
      : [
          {
            code: 'LISTED_UNRECOGNISED',
            message: `${counted(unknown.length, 'site porte', 'sites portent')} un centre labellisé sans reconnaissance « maladies rares » dans FINESS+ : ${unknown.map(nameOf).join(', ')}.`,
            remedy:
              'vérifiez le site du centre, puis son contrat (CPOM) auprès de l’ARS. Rien n’est retiré à partir de FINESS+.',
          },
        ]),
  ];
}

function inRegion(departement: string | undefined, { region }: Material): boolean {
  return departement !== undefined && regionOf(departement) === region.code;
}
