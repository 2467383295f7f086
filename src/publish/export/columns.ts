import { isJsonObject, type JsonObject } from '../../domain/json.js';
import {
  agesOf,
  codesOf,
  communeOf,
  finessOf,
  objects,
  offerNumber,
  telephonesOf,
  text,
  type ServedCentre,
  type ServedCode,
} from './read.js';
import type { FormerNumber } from './former.js';
import type { AnnouncedDeparture } from './departures.js';

/** One offer of rare-disease centres with the structures and the place that the same view shows. */
export interface ExportedOffer {
  readonly offer: JsonObject;
  readonly centres: readonly ServedCentre[];
  readonly site: JsonObject | null;
  readonly entity: JsonObject | null;
  readonly place: JsonObject | null;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
  /** Label of a code, when the view does not say it. */
  readonly labels: Labels;
}

/** A list of codes, as `CodeBook` gives it. */
export interface Labels {
  find(system: string, code: string): { readonly display: string } | null;
}

type Cell = string | number | null | readonly string[];

/** One column: the file, its dictionary and its data package are all written from it. */
export interface Column<Row> {
  readonly name: string;
  readonly type: 'string' | 'number' | 'date' | 'datetime';
  /** French, for the dictionary. */
  readonly text: string;
  /** Where the value stands in what is served. */
  readonly from: string;
  /** Several values, `|` between them. */
  readonly many?: true;
  readonly read: (row: Row) => Cell;
}

const labelOf =
  (labels: Labels) =>
  ({ system, code, display }: ServedCode): string =>
    display === '' ? (labels.find(system, code)?.display ?? '') : display;

/** Code and label of the first code of a list. */
function coded(
  name: string,
  what: string,
  from: string,
  read: (offer: JsonObject) => readonly ServedCode[],
): readonly Column<ExportedOffer>[] {
  return [
    {
      name: `${name}_code`,
      type: 'string',
      text: `${what} : code.`,
      from,
      read: ({ offer }) => read(offer)[0]?.code ?? null,
    },
    {
      name: `${name}_libelle`,
      type: 'string',
      text: `${what} : libellé.`,
      from,
      read: ({ offer, labels }) => read(offer).slice(0, 1).map(labelOf(labels))[0] ?? null,
    },
  ];
}

/** Codes and labels of a list that may hold several, in one order. */
function severalCoded(
  name: string,
  what: string,
  from: string,
  read: (offer: JsonObject) => readonly ServedCode[],
): readonly Column<ExportedOffer>[] {
  return [
    {
      name: `${name}_codes`,
      type: 'string',
      many: true,
      text: `${what} : codes.`,
      from,
      read: ({ offer }) => read(offer).map(({ code }) => code),
    },
    {
      name: `${name}_libelles`,
      type: 'string',
      many: true,
      text: `${what} : libellés, dans l’ordre des codes.`,
      from,
      read: ({ offer, labels }) => read(offer).map(labelOf(labels)),
    },
  ];
}

const string = <Row>(
  name: string,
  description: string,
  from: string,
  read: (row: Row) => string | readonly string[] | null,
): Column<Row> => ({ name, type: 'string', text: description, from, read });

/** What is said of an offer, whatever its centres. */
export const OFFER_COLUMNS: readonly Column<ExportedOffer>[] = [
  string(
    'identifiant_ror',
    'Numéro de l’offre dans le ROR : la clé, avec id_centre. Ne jamais rapprocher par le nom.',
    'HealthcareService.identifier (TRE_R355#35)',
    ({ offer }) => offerNumber(offer),
  ),
  string('nom', 'Nom de l’offre.', 'HealthcareService.name', ({ offer }) => text(offer['name'])),
  string(
    'finess_eg',
    'FINESS du site (entité géographique) ; texte de neuf caractères, zéros compris.',
    'providedBy, partOf → Organization de niveau EG',
    ({ site }) => (site === null ? null : finessOf(site)),
  ),
  string('nom_eg', 'Nom du site.', 'Organization (EG).name', ({ site }) => text(site?.['name'])),
  string(
    'finess_ej',
    'FINESS de l’entité juridique ; texte de neuf caractères.',
    'partOf → Organization de niveau EJ',
    ({ entity }) => (entity === null ? null : finessOf(entity)),
  ),
  string(
    'commune',
    'Localité du lieu, à défaut du site.',
    'Location.address.city, Organization (EG).address.city',
    (row) => addressOf(row, 'city'),
  ),
  string(
    'code_postal',
    'Code postal du lieu, à défaut du site.',
    'Location.address.postalCode, Organization (EG).address.postalCode',
    (row) => addressOf(row, 'postalCode'),
  ),
  string(
    'code_insee',
    'Code de la commune du lieu (TRE_R13) ; vide s’il n’est pas donné.',
    'Location.extension (ror-commune-cog)',
    ({ place }) => (place === null ? null : communeOf(place)),
  ),
  string(
    'departement',
    'Département, d’après le code de la commune, à défaut le code postal (sauf la Corse).',
    'calculé',
    departementOf,
  ),
  {
    name: 'latitude',
    type: 'number',
    text: 'Latitude WGS84, point décimal ; vide si le ROR ne donne pas de position : elle n’est jamais devinée.',
    from: 'Location.position.latitude',
    read: ({ position }) => position?.latitude ?? null,
  },
  {
    name: 'longitude',
    type: 'number',
    text: 'Longitude WGS84, point décimal ; vide si le ROR ne donne pas de position.',
    from: 'Location.position.longitude',
    read: ({ position }) => position?.longitude ?? null,
  },
  ...coded(
    'activite',
    'Activité opérationnelle (TRE_R211)',
    'HealthcareService.specialty (TRE_R211)',
    (offer) => codesOf(offer['specialty'], 'TRE_R211'),
  ),
  ...severalCoded(
    'familles',
    'Familles de maladies et spécialités prises en charge (TRE_R245)',
    'HealthcareService.characteristic (TRE_R245)',
    (offer) => codesOf(offer['characteristic'], 'TRE_R245'),
  ),
  ...coded(
    'niveau_expertise',
    'Niveau d’expertise (TRE_R344)',
    'HealthcareService.characteristic (TRE_R344)',
    (offer) => codesOf(offer['characteristic'], 'TRE_R344'),
  ),
  ...coded(
    'mode_prise_en_charge',
    'Mode de prise en charge (TRE_R213)',
    'HealthcareService.characteristic (TRE_R213)',
    (offer) => codesOf(offer['characteristic'], 'TRE_R213'),
  ),
  string(
    'public',
    'adulte (18 ans et plus), pédiatrique (moins de 18 ans), mixte ; vide si les âges ne sont pas dits.',
    'calculé des âges',
    ({ offer }) => publicOf(offer),
  ),
  {
    name: 'age_min',
    type: 'number',
    text: 'Âge le plus bas pris en charge, en années.',
    from: 'HealthcareService.extension (patient-type, ageRange.low)',
    read: ({ offer }) => agesOf(offer).low,
  },
  {
    name: 'age_max',
    type: 'number',
    text: 'Âge le plus haut pris en charge, en années ; 150 : sans limite.',
    from: 'HealthcareService.extension (patient-type, ageRange.high)',
    read: ({ offer }) => agesOf(offer).high,
  },
  {
    name: 'telephones',
    type: 'string',
    many: true,
    text: 'Numéros que ce public peut voir. Vide : aucun, et non « pas de téléphone ».',
    from: 'HealthcareService.extension (contact), HealthcareService.telecom',
    read: ({ offer }) => telephonesOf(offer),
  },
  {
    name: 'modifie_le',
    type: 'datetime',
    text: 'Instant de la dernière modification servie de cette offre.',
    from: 'HealthcareService.meta.lastUpdated',
    read: ({ offer }) => text(isJsonObject(offer['meta']) ? offer['meta']['lastUpdated'] : ''),
  },
];

/** What is said of a centre of an offer: the parts of our extension. */
export const CENTRE_COLUMNS: readonly Column<ServedCentre>[] = [
  string(
    'id_centre',
    'Numéro du centre : il survit aux renommages, aux déménagements, aux changements de label.',
    'centre',
    (row) => row.centre,
  ),
  string('filiere_code', 'Filière de santé maladies rares : acronyme.', 'filiere', (row) => row.filiere.code),
  string(
    'filiere_titre',
    'Filière de santé maladies rares : intitulé.',
    'filiere',
    (row) => row.filiere.display,
  ),
  string('reseau', 'Réseau du centre de référence.', 'network', (row) => row.network),
  string(
    'role_label',
    'Rôle du label : CRMR-coordonnateur, CRMR-constitutif, CRC, CCMR.',
    'label-role',
    (row) => row.role.code,
  ),
  string(
    'campagne',
    'Campagne de labellisation, telle que la source la dit.',
    'label-campaign',
    (row) => row.campaign,
  ),
  {
    ...string<ServedCentre>('ern', 'Réseaux européens de référence de la filière.', 'ern', (row) => row.erns),
    many: true,
  },
  string(
    'offre_coordonnateur',
    'Offre du centre coordonnateur du même réseau, quand cette région la décrit.',
    'coordinator',
    (row) => row.coordinator,
  ),
  {
    ...string<ServedCentre>(
      'sources',
      'Sources qui l’ont dit ; vide : des personnes ou des règles seules.',
      'source',
      (row) => row.sources,
    ),
    many: true,
  },
  {
    name: 'date_source',
    type: 'date',
    text: 'Date la plus récente du contenu de ces sources.',
    from: 'source-date',
    read: (row) => row.sourceDate,
  },
  {
    name: 'enregistre_le',
    type: 'datetime',
    text: 'Instant où ces faits approuvés ont été enregistrés.',
    from: 'recorded',
    read: (row) => row.recorded,
  },
];

export const FORMER_COLUMNS: readonly Column<FormerNumber>[] = [
  string('id_centre', 'Numéro du centre.', 'centre-maladies-rares, centre', (row) => row.centre),
  string('ancien_identifiant_ror', 'Offre qui décrivait ce centre.', 'versions servies', (row) => row.former),
  string(
    'nouvel_identifiant_ror',
    'Offre qui décrit ce centre aujourd’hui ; une ligne pour chacune.',
    'ressources servies',
    (row) => row.present,
  ),
  {
    name: 'depuis_le',
    type: 'datetime',
    text: 'Instant de la publication où l’ancienne offre a cessé de décrire ce centre.',
    from: 'versions servies',
    read: (row) => row.since,
  },
  string(
    'ancienne_offre_servie',
    'oui : l’ancienne offre est encore servie, sans ce centre ; non : elle ne l’est plus.',
    'ressources servies',
    (row) => (row.stillServed ? 'oui' : 'non'),
  ),
];

export const DEPARTURE_COLUMNS: readonly Column<AnnouncedDeparture>[] = [
  string('identifiant_ror', 'Offre concernée.', 'changement décidé', (row) => row.identifier),
  string('id_centre', 'Centre concerné.', 'centre-maladies-rares, centre', (row) => row.centre),
  string(
    'ce_qui_part',
    'label : l’offre reste, sans ce label ; offre : elle ferme.',
    'changement décidé',
    (row) => row.what,
  ),
  string('role_label', 'Label qui part, ou que portait l’offre qui ferme.', 'label-role', (row) => row.role),
  string('campagne', 'Campagne de ce label.', 'label-campaign', (row) => row.campaign),
  {
    name: 'decide_le',
    type: 'datetime',
    text: 'Instant de la dernière approbation nécessaire, ou de l’accord de l’établissement là où il est demandé.',
    from: 'changement décidé',
    read: (row) => row.decidedAt,
  },
];

/** Columns of a file that has a row for each centre of each offer. */
export const OFFERS_COLUMNS: readonly Column<{
  readonly offer: ExportedOffer;
  readonly centre: ServedCentre;
}>[] = [
  ...OFFER_COLUMNS.map((column) => ({
    ...column,
    read: (row: { offer: ExportedOffer }) => column.read(row.offer),
  })),
  ...CENTRE_COLUMNS.map((column) => ({
    ...column,
    from: `centre-maladies-rares, ${column.from}`,
    read: (row: { centre: ServedCentre }) => column.read(row.centre),
  })),
];

/** Several values in one cell, `|` between them: a sign that stands in a value becomes a slash. */
export function cellOf<Row>(column: Column<Row>, row: Row): string | number {
  const value = column.read(row);
  if (value === null) return '';
  if (typeof value !== 'object') return value;
  return value.map((each) => each.replaceAll('|', '/')).join('|');
}

function addressOf({ place, site }: ExportedOffer, part: 'city' | 'postalCode'): string {
  const [first] = [place, site]
    .flatMap((owner) => objects(owner?.['address']))
    .map((address) => text(address[part]))
    .filter((value) => value !== '');
  return first ?? '';
}

function departementOf(row: ExportedOffer): string | null {
  const commune = row.place === null ? '' : communeOf(row.place);
  const postal = addressOf(row, 'postalCode');
  const number = commune === '' ? (postal.startsWith('20') ? '' : postal) : commune;
  if (!/^\d[\dAB]\d{3}$/.test(number)) return null;
  return number.slice(0, /^9[78]/.test(number) ? 3 : 2);
}

function publicOf(offer: JsonObject): string | null {
  const { low, high } = agesOf(offer);
  if (low !== null && low >= 18) return 'adulte';
  if (high !== null && high < 18) return 'pédiatrique';
  return low === null || high === null ? null : 'mixte';
}
