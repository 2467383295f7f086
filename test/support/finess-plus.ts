import type { Establishment } from '../../src/domain/establishment.js';
import { finessFault } from '../../src/domain/finess.js';
import type { FinessEg, FinessEj } from '../../src/domain/ids.js';

/**
 * Text of a FINESS+ structures file of these sites, one legal entity each, in the shape of the official example of
 * 2026-03-09 (root header, texts everywhere, padding, events): for tests and benches. What the register does not say is
 * filled with values that say nothing.
 * @param options.generatedAt changes every day in the live flow
 */
export function* finessPlus(
  sites: Iterable<Establishment>,
  options: { readonly generatedAt: string; readonly padding?: number },
): Generator<string, void, undefined> {
  yield `{\n  "schemaVersion" : "v1.0.0",\n  "generatedAt" : "${options.generatedAt}",\n  "gcc" : [ ],\n  "gco" : [ ],\n  "pmej" : [ `;
  let first = true;
  for (const site of sites) {
    yield `${first ? '' : ', '}${JSON.stringify(entity(site, options.padding ?? 0), null, 2)}`;
    first = false;
  }
  yield ' ]\n}\n';
}

function entity(site: Establishment, padding: number): object {
  const event = (id: number): object => ({
    evenementId: String(id),
    dateEnregistrement: '2025-10-21 18:36:29',
    dateEvenement: '1994-01-01',
    etatObjet1: '003',
    identifiantObjet1: site.eg,
    systemeMaitre: '01',
    typeObjet1: 'EG',
    codeEvenement: '003',
  });
  return {
    informationsGeneralesPMEJ: {
      pmSmsseId: site.ej,
      denominationPm: site.name.padEnd(38),
      numFinessPm: site.ej,
      typePersonneMorale: '01',
    },
    adresse: [],
    contact: [],
    engagement: [],
    evenement: [],
    ege: [
      {
        informationsGeneralesEGE: {
          egeId: site.eg,
          ...(site.openedOn === null ? {} : { dateOuverture: site.openedOn }),
          nomEgeCourt: site.name.padEnd(38),
          ...(site.longName === null ? {} : { nomEgeLong: site.longName }),
          ...(site.complement === null ? {} : { complementDenominationEg: site.complement }),
          numFinessEge: site.eg,
          espic: ['0'],
          ...(site.siret === null ? {} : { siret: site.siret }),
        },
        categorieentiteGeographiqueExercice: site.category,
        modefixationtarifaire: '07',
        typeBudget: ['01'],
        adresse: [
          {
            usageAdresse: '03',
            ...(site.address === null ? {} : { ligneQuatre: site.address }),
            cogCommune: cogOf(site),
            ligneAcheminement: site.town,
            codePostal: site.postalCode,
          },
        ],
        contact:
          site.phone === null
            ? []
            : [{ typeContact: { roleContact: '01' }, telecom: { telephone: site.phone } }],
        engagement: [],
        evenement: Array.from({ length: padding }, (_, at) => event(at)),
        roleEge: [],
        etatObjet: 'A',
        ...(site.updatedOn === null ? {} : { dateDerniereMaj: `${site.updatedOn} 00:00:00` }),
      },
    ],
    etatObjet: 'A',
    dateDerniereMaj: '2021-10-18 00:00:00',
  };
}

/** Overseas communes repeat the third figure of their département: `974` and `411` are 97411. */
function cogOf({ departement, commune }: Establishment): string {
  return commune === '' ? '' : `${departement.slice(0, 2)}${commune}`;
}

/** A synthetic site, its numbers of the generator's range (département 99) with their keys. */
export function syntheticSite(n: number): Establishment {
  const number = (first: string): string => {
    const digits = `99${first}${String(n).padStart(5, '0')}`;
    for (let key = 0; key < 10; key++)
      if (finessFault(`${digits}${String(key)}`) === null) return `${digits}${String(key)}`;
    throw new Error('no key fits');
  };
  return {
    eg: number('1') as FinessEg,
    ej: number('0') as FinessEj,
    name: `ETABLISSEMENT D'ESSAI ${String(n)}`,
    longName: null,
    complement: null,
    category: '355',
    categoryLabel: '',
    aggregate: '',
    departement: '14',
    commune: '118',
    postalCode: '14000',
    town: 'CAEN',
    address: `${String(n)} RUE D'ESSAI`,
    siret: null,
    phone: '0261910000',
    openedOn: '2000-01-01',
    updatedOn: '2021-01-08',
  };
}
