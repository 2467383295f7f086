import { describe, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/matching.js';
import { buildIndex } from '../../src/matching/index.js';
import { readFinessFile, besideRepository } from '../support/finess-file.js';
import { readRegister } from '../support/register.js';

const NORMANDIE = besideRepository('data/finess/finess-normandie.csv');

function mention(text: string, city: string | null = null, numbers: Partial<Mention> = {}): Mention {
  return { mention: text, city, departement: null, ...numbers };
}

/** Scenario S4 and the mentions of the BaMaRa table; EG null means that a person chooses the site. */
const FACTS: readonly [text: string, city: string, ej: string, eg: string | null][] = [
  ['CHU Rouen', 'Rouen', '760780239', null],
  ['CHU Rouen - Hôpital Charles Nicolle', 'Rouen', '760780239', '760000158'],
  ['CHU Caen Normandie', 'Caen', '140000100', null],
  ['CHICAM', 'Alençon', '610780082', '610000051'],
  ['CHIC Alençon-Mamers (CHICAM)', 'Alençon', '610780082', '610000051'],
  ['Groupe Hospitalier du Havre', 'Le Havre', '760780726', null],
  ['GHH LE HAVRE', 'Le Havre', '760780726', null],
  ['CH EURE-SEINE (Evreux)', 'Evreux', '270023724', '270000359'],
  ['Baclesse', 'Caen', '140000639', '140000555'],
  ['CH Falaise', 'Falaise', '140000118', '140000233'],
  ['CH de l’Estran', 'Pontorson', '500000245', '500000575'],
  ['CRLCC HENRI BECQUEREL ROUEN', 'Rouen', '760780247', '760000166'],
  ['CHS DU ROUVRAY SOTTEVILLE-LES-ROUEN', 'Sotteville Les Rouen', '760780270', '760000190'],
];

describe('the right hospital (S4), small register', () => {
  const index = buildIndex(readRegister());

  it.each(FACTS)('%s, %s', (text, city, ej, eg) => {
    const { outcome, best } = index.match(mention(text, city));
    expect({ outcome, ej: best?.ej, eg: best?.eg }).toEqual({ outcome: 'auto', ej, eg });
  });

  it.each(FACTS)('%s without its town leads to the same legal entity', (text, _city, ej) => {
    const { outcome, best } = index.match(mention(text));
    expect({ outcome, ej: best?.ej }).toEqual({ outcome: 'auto', ej });
  });

  it('never takes Alençon for Mamers, nor the other way round', () => {
    expect(index.match(mention('CHIC Alençon-Mamers', 'Mamers')).best?.eg).toBe('720000470');
    expect(index.match(mention('CHIC Alençon-Mamers')).best?.eg).toBeNull();
  });

  it('lists the sites, main ones first, when a person must choose', () => {
    const { sites } = index.match(mention('Groupe Hospitalier du Havre', 'Le Havre'));
    expect(sites.slice(0, 2).map(({ eg }) => eg)).toEqual(['760000356', '760025403']);
    expect(sites.findIndex(({ eg }) => eg === '760805770')).toBeLessThan(
      sites.findIndex(({ eg }) => eg === '760035667'),
    );
  });

  it('leaves "Jacques Monod" alone to a person, with Flers and Montivilliers', () => {
    const { outcome, candidates } = index.match(mention('Jacques Monod'));
    expect(outcome).toBe('review');
    expect(candidates.map(({ eg }) => eg)).toEqual(expect.arrayContaining(['610000119', '760805770']));
    expect(index.match(mention('Jacques Monod', 'Flers')).best?.eg).toBe('610000119');
    expect(index.match(mention('Jacques Monod', 'Montivilliers')).best?.eg).toBe('760805770');
  });

  it('takes a town for a town, not for a hospital (L5)', () => {
    const { outcome, reason, candidates } = index.match(mention('Caen', 'Caen'));
    expect(outcome).toBe('review');
    expect(reason).toContain('Une ville n’est pas un établissement');
    expect(candidates[0]?.ej).toBe('140000100');
  });

  it('finds nothing for a hospital that does not exist', () => {
    expect(index.match(mention('Hôpital d’essai 7', 'Rouen'))).toMatchObject({ outcome: 'none', best: null });
  });

  it('keeps the hospital that the name says when the town contradicts it, and asks', () => {
    const { outcome, candidates } = index.match(mention('CH Falaise', 'Rouen'));
    expect(outcome).toBe('review');
    expect(candidates.map(({ ej }) => ej)).toContain('140000118');
  });
});

describe('numbers (X1, X2, X12)', () => {
  const index = buildIndex(readRegister());

  it('refuses Baclesse under the number of Falaise, names the holder and proposes the right one', () => {
    const result = index.match(mention('Baclesse', 'Caen', { finessEj: '140000118' }));
    expect(result.refusal?.code).toBe('X12');
    expect(result.refusal?.message).toContain('CENTRE HOSPITALIER DE FALAISE');
    expect(result.outcome).not.toBe('auto');
    expect(result.best).toMatchObject({ ej: '140000639', eg: '140000555' });
  });

  it('refuses the number of another hospital even when the name alone leads nowhere certain', () => {
    const result = index.match(mention('Jacques Monod', null, { finessEj: '140000118' }));
    expect(result).toMatchObject({ outcome: 'review', refusal: { code: 'X12' } });
    expect(result.refusal?.message).not.toContain('Le nom désigne');
  });

  it('accepts the number whose holder bears the name', () => {
    const result = index.match(mention('Centre François Baclesse', 'Caen', { finessEj: '140000639' }));
    expect(result).toMatchObject({
      outcome: 'auto',
      refusal: null,
      best: { eg: '140000555', features: { number: 1 } },
    });
  });

  it('keeps the site given by number, even where the name leaves a choice', () => {
    const result = index.match(mention('CHU Rouen', 'Rouen', { finessEg: '760783522' }));
    expect(result).toMatchObject({ outcome: 'auto', best: { ej: '760780239', eg: '760783522' } });
  });

  it('refuses a site that belongs to another legal entity than the one given', () => {
    const result = index.match(
      mention('CHU Rouen', 'Rouen', { finessEg: '760000158', finessEj: '140000100' }),
    );
    expect(result.refusal?.code).toBe('X12');
  });

  it('guesses nothing from eight digits nor from a wrong key', () => {
    const short = index.match(mention('CHU Rouen', 'Rouen', { finessEg: '70000481' }));
    expect(short).toMatchObject({ outcome: 'none', best: null, candidates: [], refusal: { code: 'X1' } });
    const wrong = index.match(mention('CHU Rouen', 'Rouen', { finessEg: '760000159' }));
    expect(wrong).toMatchObject({ outcome: 'none', best: null, refusal: { code: 'X2' } });
  });

  it('asks when the register does not know the number', () => {
    const result = index.match(mention('CHU Rouen', 'Rouen', { finessEj: '010780054' }));
    expect(result).toMatchObject({ outcome: 'review', refusal: null, best: { ej: '760780239' } });
  });
});

describe.skipIf(NORMANDIE === null)('the same facts with the regional hospital register alone', () => {
  const index = buildIndex(NORMANDIE === null ? [] : readFinessFile(NORMANDIE));

  it.each(FACTS)('%s, %s', (text, city, ej, eg) => {
    const { outcome, best } = index.match(mention(text, city));
    expect({ outcome, ej: best?.ej, eg: best?.eg }).toEqual({ outcome: 'auto', ej, eg });
  });

  it('asks about Mamers, which stands in another region and is absent', () => {
    expect(index.match(mention('CHIC Alençon-Mamers', 'Mamers')).outcome).toBe('review');
  });
});
