import type { FilrorConfig } from '../config/load.js';
import { csvText } from '../domain/csv.js';
import { parisDay } from '../domain/time.js';
import { CRC_FILIERES } from '../sources/labelled-centres/schema.js';
import type { DescribedOffer } from './described.js';

const HEADERS = [
  'Label',
  'Intitulé du centre',
  'Acronyme du réseau',
  'Filière',
  'Établissement',
  'Ville',
  'FINESS géographique',
  'Public',
  'Campagne',
  'Source',
];

/**
 * The offers that no list explains, as the beginning of a list of labelled centres, to be completed by people and given
 * back as any list. Only what the offer says stands in it: a level 10 is a coordonnateur or a constitutif, a level 11 may
 * be a CRC where CRC exist, and the ROR knows neither filière nor campaign: the filière is written when the families
 * are those of a single one, the rest is left empty and set aside until somebody fills it.
 */
export function draftList(
  offers: readonly DescribedOffer[],
  config: Pick<FilrorConfig, 'crosswalk'>,
  readAt: Date,
): string {
  const rows = offers
    .filter(({ relation }) => relation === 'unlisted')
    .map((offer) => {
      const filiere = filiereOf(offer, config);
      const competence = offer.levels.length === 1 && offer.levels[0] === '11';
      const label = competence && filiere !== '' && !CRC_FILIERES.includes(filiere) ? 'CCMR' : '';
      const { site, eg, name, identifier } = offer;
      return [
        ...[label, name, '', filiere, site?.name ?? '', site?.town ?? '', eg ?? '', '', ''],
        `ROR, offre ${identifier}, lue le ${parisDay(readAt)}`,
      ];
    });
  return csvText([HEADERS, ...rows]);
}

/** The only filière whose families hold all those of the offer; '' when there is none or several. */
function filiereOf({ families }: DescribedOffer, { crosswalk }: Pick<FilrorConfig, 'crosswalk'>): string {
  if (families.length === 0) return '';
  const fitting = Object.entries(crosswalk.filieres).filter(([, { families: of }]) =>
    families.every((family) => of.includes(family)),
  );
  return fitting.length === 1 ? (fitting[0]?.[0] ?? '') : '';
}
