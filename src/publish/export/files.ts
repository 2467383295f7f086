import { csvText } from '../../domain/csv.js';
import type { Format } from '../../domain/export-formats.js';
import type { Audience } from '../views.js';
import {
  cellOf,
  CENTRE_COLUMNS,
  DEPARTURE_COLUMNS,
  FORMER_COLUMNS,
  OFFER_COLUMNS,
  OFFERS_COLUMNS,
  type Column,
  type ExportedOffer,
} from './columns.js';
import { offerNumber } from './read.js';
import type { ExportState } from './state.js';

/** What a set says of itself. */
export interface SetTerms {
  readonly formats: readonly Format[];
  /** Name of the region, as readers know it. */
  readonly regionName: string;
  /** Under which licence what is public may be used again. */
  readonly licence: string;
}

/** Columns of each table, by its file: what the dictionary and the data package say of them. */
const TABLES: Readonly<Record<string, readonly Column<never>[]>> = {
  'offres.csv': OFFERS_COLUMNS,
  'anciens-numeros.csv': FORMER_COLUMNS,
  'retraits-annonces.csv': DEPARTURE_COLUMNS,
};

/** The files of a set, one after the other, in one order; the same state gives the same bytes. */
export function* exportFiles(state: ExportState, terms: SetTerms): Generator<readonly [string, string]> {
  const has = (format: Format): boolean => terms.formats.includes(format);
  if (has('csv')) {
    const rows = state.offers.flatMap((offer) => offer.centres.map((centre) => ({ offer, centre })));
    yield ['offres.csv', table(OFFERS_COLUMNS, rows)];
    yield ['anciens-numeros.csv', table(FORMER_COLUMNS, state.former)];
    yield ['retraits-annonces.csv', table(DEPARTURE_COLUMNS, state.departures)];
  }
  if (has('ndjson')) yield ['offres.ndjson', state.bodies.map((body) => `${body}\n`).join('')];
  if (has('geojson')) yield ['offres.geojson', `${JSON.stringify(featuresOf(state.offers), null, 1)}\n`];
  yield ['dictionnaire.csv', dictionary()];
  yield ['LICENCE.txt', licenceText(state, terms)];
  yield ['datapackage.json', `${JSON.stringify(dataPackage(state, terms), null, 2)}\n`];
}

function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return csvText([
    columns.map(({ name }) => name),
    ...rows.map((row) => columns.map((column) => cellOf(column, row))),
  ]);
}

const TYPE_WORDS: Readonly<Record<Column<never>['type'], string>> = {
  string: 'texte',
  number: 'nombre (point décimal)',
  date: 'date AAAA-MM-JJ',
  datetime: 'instant ISO 8601',
};

/** Every column of every table, from the declaration that the tables themselves are written from. */
export function dictionary(): string {
  const rows = Object.entries(TABLES).flatMap(([file, columns]) =>
    columns.map((column) => [
      file,
      column.name,
      TYPE_WORDS[column.type],
      column.many === true ? 'oui, séparées par |' : 'non',
      column.text,
      column.from,
    ]),
  );
  return csvText([['fichier', 'colonne', 'type', 'plusieurs_valeurs', 'sens', 'provient_de'], ...rows]);
}

/** RFC 7946: one feature per offer, longitude first; without a known position its geometry is null. */
function featuresOf(offers: readonly ExportedOffer[]): object {
  return {
    type: 'FeatureCollection',
    features: offers.map((offer) => ({
      type: 'Feature',
      id: offerNumber(offer.offer),
      geometry:
        offer.position === null
          ? null
          : { type: 'Point', coordinates: [offer.position.longitude, offer.position.latitude] },
      properties: {
        ...propertiesOf(OFFER_COLUMNS, offer),
        centres: offer.centres.map((centre) => propertiesOf(CENTRE_COLUMNS, centre)),
      },
    })),
  };
}

function propertiesOf<Row>(columns: readonly Column<Row>[], row: Row): object {
  return Object.fromEntries(
    columns.map((column) => {
      const value = column.read(row);
      return [column.name, value === '' ? null : value];
    }),
  );
}

const AUDIENCE_WORDS: Readonly<Record<Audience, string>> = {
  public: 'tout public',
  professional: 'professionnels',
  regulation: 'régulation et crise',
};

function licenceText({ at, audience }: ExportState, { licence, regionName }: SetTerms): string {
  const dated = at === null ? 'jamais publié' : at.toISOString();
  const terms =
    audience === 'public'
      ? [
          `Licence de ce que filror a produit : ${licence}`,
          '',
          'En réutilisant ces données, citez :',
          `  « Offre des centres maladies rares, ${regionName}, état du ${dated} ; sources : Répertoire national de l’offre et`,
          '  des ressources (ROR), FINESS, et les listes nommées dans la colonne sources. »',
          '',
          'La région qui diffuse ce jeu doit avoir confirmé cette licence, et qu’elle a le droit de rediffuser ce qui vient du ROR.',
        ]
      : [
          `Diffusion restreinte : ${AUDIENCE_WORDS[audience]}. Ce jeu n’est sous aucune licence ouverte.`,
          'Il ne se transmet qu’à qui peut voir ces données dans le ROR, et se conserve en lieu sûr.',
        ];
  return `${[
    `Offre des centres maladies rares, ${regionName}`,
    `État du ${dated}. Public : ${AUDIENCE_WORDS[audience]}.`,
    '',
    ...terms,
    '',
    'Les numéros FINESS, les noms et les adresses viennent du ROR ; les labels, filières et réseaux, de faits approuvés.',
  ].join('\n')}\n`;
}

/** Data Package (Frictionless, version 1): what a program needs to read the tables. */
function dataPackage({ region, audience, no, at }: ExportState, terms: SetTerms): object {
  const tables = terms.formats.includes('csv') ? Object.entries(TABLES) : [];
  const others = [
    ...(terms.formats.includes('ndjson')
      ? [{ name: 'offres-fhir', path: 'offres.ndjson', mediatype: 'application/fhir+ndjson' }]
      : []),
    ...(terms.formats.includes('geojson')
      ? [{ name: 'offres-carte', path: 'offres.geojson', mediatype: 'application/geo+json' }]
      : []),
  ];
  return {
    name: `offres-maladies-rares-${region}`,
    title: `Offre des centres maladies rares, ${terms.regionName} (${AUDIENCE_WORDS[audience]})`,
    version: String(no),
    ...(at === null ? {} : { created: at.toISOString() }),
    ...(audience === 'public' ? { licenses: [{ title: terms.licence }] } : {}),
    resources: [
      ...tables.map(([path, columns]) => ({
        name: path.replace('.csv', ''),
        path,
        encoding: 'utf-8',
        dialect: { delimiter: ';', lineTerminator: '\r\n', quoteChar: '"', doubleQuote: true },
        schema: {
          fields: columns.map(({ name, type, text }) => ({ name, type, description: text })),
        },
      })),
      ...others,
    ],
  };
}
