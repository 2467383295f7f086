import type { Establishment } from '../domain/establishment.js';
import type { FinessEg, FinessEj } from '../domain/ids.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { townWords } from '../normalise/names.js';
import { buildEntity, departementOf, sectorOf, type Entity } from './entities.js';

/** Whose number it is, for every establishment of the register, hospital or not (gate X12). */
export interface Holder {
  readonly ej: FinessEj;
  readonly name: string;
  readonly town: string;
}

/** The register made ready to be asked: the same content in any order gives the same register. */
export interface Register {
  readonly entities: ReadonlyMap<FinessEj, Entity>;
  readonly byWord: ReadonlyMap<string, readonly Entity[]>;
  readonly byTown: ReadonlyMap<string, readonly Entity[]>;
  readonly byDepartement: ReadonlyMap<string, readonly Entity[]>;
  /** The same by the words of every line, units too. */
  readonly byAnyWord: ReadonlyMap<string, readonly Entity[]>;
  /** Legal entities whose name has these initials (initials.ts). */
  readonly byInitials: ReadonlyMap<string, readonly Entity[]>;
  /** Words of the whole vocabulary by first letter, for misspelt names without a place. */
  readonly byLetter: ReadonlyMap<string, readonly string[]>;
  /** Départements where a town of that name exists. */
  readonly departementsOfTown: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether a town of the département has at least half as many legal entities as the one that has most. */
  isChiefTown(town: readonly string[], departement: string): boolean;
  /** Whether a town of the département has this word in its name. */
  isTownWord(word: string, departement: string): boolean;
  readonly holdersByEg: ReadonlyMap<string, Holder>;
  readonly holdersByEj: ReadonlyMap<string, Holder>;
  /** Rarity of a word among legal entities: ln(1 + entities / carriers); an unknown word weighs the most. */
  weight(word: string): number;
}

export function buildRegister(establishments: Iterable<Establishment>, options: MatchingOptions): Register {
  const hospital = new Map<FinessEj, Establishment[]>();
  const departementsOfTown = new Map<string, Set<string>>();
  const seenPlaces = new Set<string>();
  const wordsOfTowns = new Set<string>();
  const holdersByEg = new Map<string, Holder>();
  const holdersByEj = new Map<string, Holder & { readonly eg: FinessEg; readonly sector: number }>();
  for (const establishment of establishments) {
    const { eg, ej, name, town } = establishment;
    const sector = sectorOf(establishment, options);
    holdersByEg.set(eg, { ej, name, town });
    const rank = sector === -1 ? Number.MAX_SAFE_INTEGER : sector;
    const known = holdersByEj.get(ej);
    if (known === undefined || rank < known.sector || (rank === known.sector && eg < known.eg)) {
      holdersByEj.set(ej, { ej, name, town, eg, sector: rank });
    }
    if (sector !== -1) push(hospital, ej, establishment);
    const place = `${establishment.departement} ${town}`;
    if (seenPlaces.has(place)) continue;
    seenPlaces.add(place);
    const departement = departementOf(establishment);
    const words = townWords(town);
    for (const word of words) wordsOfTowns.add(`${departement} ${word}`);
    const key = words.join(' ');
    departementsOfTown.set(key, (departementsOfTown.get(key) ?? new Set<string>()).add(departement));
  }
  const entities = new Map<FinessEj, Entity>();
  for (const ej of [...hospital.keys()].sort()) {
    entities.set(ej, buildEntity(ej, hospital.get(ej) ?? [], options));
  }
  return {
    entities,
    departementsOfTown,
    isTownWord: (word, departement) => wordsOfTowns.has(`${departement} ${word}`),
    holdersByEg,
    holdersByEj,
    ...indexEntities([...entities.values()]),
  };
}

function indexEntities(
  entities: readonly Entity[],
): Pick<
  Register,
  'byWord' | 'byAnyWord' | 'byTown' | 'byInitials' | 'byDepartement' | 'byLetter' | 'isChiefTown' | 'weight'
> {
  const byWord = new Map<string, Entity[]>();
  const byAnyWord = new Map<string, Entity[]>();
  const byTown = new Map<string, Entity[]>();
  const byDepartement = new Map<string, Entity[]>();
  const byInitials = new Map<string, Entity[]>();
  for (const entity of entities) {
    for (const word of entity.strongWords) push(byWord, word, entity);
    for (const word of new Set(entity.sites.flatMap(({ words }) => [...words])))
      push(byAnyWord, word, entity);
    for (const letters of entity.initials) push(byInitials, letters, entity);
    for (const key of new Set(entity.sites.map((site) => site.town.join(' ')))) push(byTown, key, entity);
    for (const departement of entity.departements) push(byDepartement, departement, entity);
  }
  const byLetter = new Map<string, string[]>();
  for (const word of byWord.keys()) push(byLetter, word[0] ?? '', word);
  const most = Math.log(1 + entities.length);
  return {
    byWord,
    byAnyWord,
    byTown,
    byDepartement,
    byInitials,
    byLetter,
    isChiefTown: chiefTownsOf(entities),
    weight: (word) => {
      const carriers = byWord.get(word)?.length;
      const rarity = carriers === undefined ? most : Math.log(1 + entities.length / carriers);
      // A lone initial ("P. Strauss") says little, whatever its rarity.
      return word.length === 1 ? rarity * 0.3 : rarity;
    },
  };
}

function chiefTownsOf(entities: readonly Entity[]): Register['isChiefTown'] {
  const counts = new Map<string, number>();
  const most = new Map<string, number>();
  for (const { sites } of entities) {
    for (const place of new Set(sites.map(({ departement, town }) => `${departement} ${town.join(' ')}`))) {
      const count = (counts.get(place) ?? 0) + 1;
      const departement = place.split(' ')[0] ?? '';
      counts.set(place, count);
      most.set(departement, Math.max(count, most.get(departement) ?? 0));
    }
  }
  return (town, departement) =>
    (counts.get(`${departement} ${town.join(' ')}`) ?? 0) * 2 >= (most.get(departement) ?? Infinity);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
