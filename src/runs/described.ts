import { centreLinks } from '../db/centres.js';
import { openHeads } from '../db/change-heads.js';
import { lastReport } from '../db/last-report.js';
import { lastReading } from '../db/mirror.js';
import type { LabelLevel } from '../domain/centre.js';
import { groupsOf } from '../domain/groups.js';
import { presentState, structureNames, type PresentOffer } from '../mirror/present.js';
import { familiesOf, levelsOf, rareDiseaseSigns, type SignStrength } from '../plan/rare-disease-signs.js';
import { nameOf } from './centre-list.js';
import type { RunContext } from './context.js';
import { duplicatesOf, type Duplicate } from './duplicates.js';
import { knownSites } from './known-sites.js';
import type { CentreIdentity, RunReport } from './report.js';

/**
 * What an offer of the repository is to the lists: `ours`: a centre is described by it; `asked`: it is a candidate of an
 * open question "rattacher ou créer ?"; `unlisted`: no list explains it.
 */
export type Relation = 'ours' | 'asked' | 'unlisted';

export const RELATION_WORDS: Readonly<Record<Relation, string>> = {
  ours: 'décrit un centre des listes',
  asked: 'à rattacher ?',
  unlisted: 'aucune liste ne l’explique',
};

/** What the repository and the lists say differently. Shown, never settled here. */
export interface OfferDisagreement {
  readonly about: 'level' | 'family' | 'site';
  readonly centre: string;
  /** French, what the offer says, then what the lists say. */
  readonly offer: string;
  readonly lists: string;
}

/** An offer that says a rare-disease centre, or that describes one of ours. */
export interface DescribedOffer {
  readonly identifier: string;
  readonly remoteId: string;
  readonly name: string;
  /** FINESS EG of `providedBy`, with what the register says of it; null when the repository does not tell. */
  readonly eg: string | null;
  readonly site: { readonly name: string; readonly town: string | null } | null;
  /** Null: an offer of a centre of ours that no longer says so. */
  readonly strength: SignStrength | null;
  /** French, each sign with its code. */
  readonly signs: readonly string[];
  /** TRE_R344 codes 10 and 11. */
  readonly levels: readonly string[];
  /** TRE_R245 codes 29 to 61. */
  readonly families: readonly string[];
  readonly relation: Relation;
  readonly centres: readonly { readonly id: string; readonly name: string }[];
  readonly disagreements: readonly OfferDisagreement[];
}

/** What a region's repository says of rare diseases, beside what the lists say. Reads only. */
export interface Described {
  /** When the repository was read last; null before the first reading. */
  readonly readAt: Date | null;
  readonly offers: readonly DescribedOffer[];
  /** Centres of the last plan that no offer describes and none may: null before the first plan. */
  readonly missing:
    readonly { readonly id: string; readonly name: string; readonly hospital: string }[] | null;
  readonly duplicates: readonly Duplicate[];
  /** Offers of one site with the same families and levels: perhaps one thing said twice. Identifiers, in order. */
  readonly alike: readonly (readonly string[])[];
}

/** A handful of queries whatever the number of offers. */
export async function describedBy(run: Pick<RunContext, 'db' | 'config' | 'region'>): Promise<Described> {
  const { db, region } = run;
  const present = await presentState(db, region.code);
  const report = ((await lastReport(db, region.code))?.report as RunReport | undefined) ?? null;
  const centres = report?.centres ?? {};
  const linked = groupsOf(await centreLinks(db, region.code), ({ identifier }) => identifier);
  const asked = await askedCentres(run);
  const found = present.offers.flatMap((offer) => {
    const ours = (linked.get(offer.identifier) ?? []).map(({ centre }) => String(centre));
    const signs = rareDiseaseSigns(offer.elements);
    return signs === null && ours.length === 0 ? [] : [{ offer, ours, signs }];
  });
  const sites = await sitesOf(run, new Set(found.flatMap(({ offer }) => offer.eg ?? [])));
  const offers = found.map(({ offer, ours, signs }): DescribedOffer => {
    const candidates = ours.length > 0 ? [] : (asked.get(offer.identifier) ?? []);
    const relation = ours.length > 0 ? 'ours' : candidates.length > 0 ? 'asked' : 'unlisted';
    const known = [...new Set([...ours, ...candidates])].flatMap((id) => centres[id] ?? []);
    return {
      identifier: offer.identifier,
      remoteId: offer.remoteId,
      name: offer.name,
      eg: offer.eg,
      site: offer.eg === null ? null : (sites.get(offer.eg) ?? null),
      strength: signs?.strength ?? null,
      signs: signs?.signs ?? [],
      levels: levelsOf(offer.elements),
      families: familiesOf(offer.elements),
      relation,
      centres: known.map((centre) => ({ id: centre.id, name: nameOf(centre) })),
      // A candidate of several centres is compared with none: it may be either.
      disagreements:
        relation === 'ours' || known.length === 1
          ? known.flatMap((centre) => disagreements(offer, centre, run))
          : [],
    };
  });
  const reading = await lastReading(db, region.code, 'any');
  const described = new Set([...linked.values()].flat().map(({ centre }) => String(centre)));
  const maybe = new Set([...asked.values()].flat());
  return {
    readAt: reading?.startedAt ?? null,
    offers,
    missing:
      report === null
        ? null
        : Object.values(centres)
            .filter(({ id }) => !described.has(id) && !maybe.has(id))
            .map((centre) => ({ id: centre.id, name: nameOf(centre), hospital: centre.hospital })),
    duplicates: duplicatesOf(present),
    alike: alikeOf(offers),
  };
}

/** By EG: as the register names it; what it does not know, as the repository does, which says no town. */
async function sitesOf(
  run: Pick<RunContext, 'db' | 'config' | 'region'>,
  numbers: ReadonlySet<string>,
): Promise<ReadonlyMap<string, NonNullable<DescribedOffer['site']>>> {
  const sites = new Map<string, NonNullable<DescribedOffer['site']>>();
  for (const { eg, name, town } of await knownSites(run, [...numbers])) sites.set(eg, { name, town });
  const unknown = new Set([...numbers].filter((eg) => !sites.has(eg)));
  if (unknown.size === 0) return sites;
  for (const [eg, name] of await structureNames(run.db, run.region.code, unknown))
    sites.set(eg, { name, town: null });
  return sites;
}

/** Centres whose open question "rattacher ou créer ?" names an offer, by its identifier. */
async function askedCentres({
  db,
  region,
}: Pick<RunContext, 'db' | 'region'>): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const { reasons, centres } of await openHeads(db, region.code))
    for (const { code, candidates } of reasons) {
      if (code !== 'attachOrCreate') continue;
      for (const { value } of candidates ?? [])
        found.set(value, [...(found.get(value) ?? []), ...centres.map(String)]);
    }
  return found;
}

function disagreements(
  offer: PresentOffer,
  centre: CentreIdentity,
  { config }: Pick<RunContext, 'config'>,
): OfferDisagreement[] {
  const levels = levelsOf(offer.elements);
  const families = familiesOf(offer.elements);
  const expected = config.defaults.expertiseLevels[centre.label as LabelLevel].code;
  const fitting =
    config.crosswalk.networks[centre.network ?? '']?.families ??
    config.crosswalk.filieres[centre.filiere]?.families ??
    [];
  const of = (about: OfferDisagreement['about'], said: string, lists: string): OfferDisagreement => ({
    about,
    centre: centre.id,
    offer: said,
    lists,
  });
  return [
    ...(levels.length > 0 && !levels.includes(expected)
      ? [of('level', `niveau ${levels.join(', ')}`, `niveau ${expected} (${centre.label})`)]
      : []),
    ...(families.length > 0 && fitting.length > 0 && !families.some((family) => fitting.includes(family))
      ? [
          of(
            'family',
            `famille ${families.join(', ')}`,
            `famille ${fitting.join(' ou ')} (${centre.network ?? centre.filiere})`,
          ),
        ]
      : []),
    ...(offer.eg !== null && centre.eg !== null && offer.eg !== centre.eg
      ? [of('site', `site ${offer.eg}`, `site ${centre.eg} (${centre.hospital})`)]
      : []),
  ];
}

function alikeOf(offers: readonly DescribedOffer[]): (readonly string[])[] {
  const groups = groupsOf(
    offers.filter(({ eg, families }) => eg !== null && families.length > 0),
    ({ eg, families, levels }) => [eg, families.join('+'), levels.join('+')].join('|'),
  );
  return (
    [...groups.values()]
      .map((group) => group.map(({ identifier, centres }) => ({ identifier, centres })))
      // Two offers of ours describe two centres: somebody decided so.
      .filter((group) => group.length > 1 && group.some(({ centres }) => centres.length === 0))
      .map((group) => [...new Set(group.map(({ identifier }) => identifier))].sort())
      .filter((group) => group.length > 1)
  );
}
