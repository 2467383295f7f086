import { answersOf } from '../db/answers.js';
import { openHeads, type ChangeHead } from '../db/change-heads.js';
import { centreLinks } from '../db/centres.js';
import { pointsOf } from '../db/establishments.js';
import { lastReport } from '../db/last-report.js';
import { offersAsRead } from '../db/remote.js';
import { STATE_WORDS, type ChangeState } from '../domain/change.js';
import type { EstablishmentPoint } from '../domain/establishment.js';
import type { Filiere } from '../domain/filiere.js';
import { groupsOf } from '../domain/groups.js';
import type { CentreId } from '../domain/ids.js';
import { fold } from '../normalise/text.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { elementsOf } from '../ror/elements.js';
import { nameOf } from './centre-list.js';
import { lastDeclared } from './comebacks.js';
import type { RunContext } from './context.js';
import { knownFilieres } from './gather.js';
import { knownSites } from './known-sites.js';
import type { RegionPlatform } from './platforms.js';
import type { CentreIdentity, MirrorReport, RunReport } from './report.js';

/**
 * Where a centre stands in the directory as it was read last. `seen`: its offer is there and says its level. `asked`: not
 * so, and a question about it waits for somebody. `hidden`: not so, for any other reason.
 */
export type Standing = 'seen' | 'asked' | 'hidden';

/** A hospital's site; its legal entity while the site is not chosen; what the list writes while neither is known. */
export interface CoveredPlace {
  readonly key: string;
  readonly name: string;
  readonly town: string | null;
  /** FINESS EG, else EJ; null while the hospital is not recognised. */
  readonly finess: string | null;
  /** The legal entity (EJ) that carries it; null while the hospital is not recognised. */
  readonly legal: LegalEntity | null;
  /** INSEE code; null while it cannot be told. */
  readonly departement: string | null;
  /** Coordinates that the register gives for the site; null when it gives none. */
  readonly point: EstablishmentPoint | null;
}

/** The register names sites only: the name is the one that the lists use most for the entity's centres. */
export interface LegalEntity {
  readonly finess: string;
  readonly name: string;
}

export interface CoveredCentre {
  readonly id: string;
  readonly name: string;
  readonly filiere: string;
  readonly level: string;
  readonly campaign: number | null;
  readonly place: CoveredPlace;
  readonly standing: Standing;
  /** French, why it is not seen; null when it is. */
  readonly why: string | null;
  /** The open change that says most about it. */
  readonly change: { readonly id: string; readonly state: ChangeState } | null;
}

/** What the lists say of a region and what its directory shows of it. */
export interface Coverage {
  /** Centres that the lists say and nobody declared gone, in the order of their names. */
  readonly centres: readonly CoveredCentre[];
  /** Centres of the last plan that somebody declared closed or without label: in no figure. */
  readonly ended: number;
  readonly filieres: readonly Pick<Filiere, 'code' | 'title' | 'erns'>[];
  readonly platforms: readonly RegionPlatform[];
  readonly mirror: MirrorReport;
}

type Context = Pick<RunContext, 'db' | 'config' | 'region'>;

/** Questions that wait for a person before anything can be approved. */
const ASKED: readonly ChangeState[] = ['question', 'toComplete', 'toReconfirm', 'conflict'];

const FRENCH = new Intl.Collator('fr');

/** Reads the coverage from the last plan and the mirror, some ten queries whatever the number of centres. Null before the first plan. */
export async function coverageOf(run: Context): Promise<Coverage | null> {
  const { db, region } = run;
  const last = await lastReport(db, region.code);
  if (last === null) return null;
  const report = last.report as RunReport;
  const answers = await answersOf(db, region.code);
  const planned = Object.values(report.centres);
  const standing = planned.filter(({ id }) => {
    const declared = lastDeclared(id as CentreId, { answers });
    return declared === undefined || declared.kind === 'reopen';
  });
  const places = await placesOf(run, standing);
  const offers = await describedBy(run);
  const changes = await changesOf(run);
  const centres = standing.map((identity): CoveredCentre => {
    const change = changes.get(identity.id) ?? null;
    const offer = offers.get(identity.id) ?? { seen: false, why: 'aucune offre ne le décrit' };
    return {
      id: identity.id,
      name: nameOf(identity),
      filiere: identity.filiere,
      level: identity.label,
      campaign: identity.campaign,
      place: places(identity),
      standing: offer.seen ? 'seen' : change !== null && ASKED.includes(change.state) ? 'asked' : 'hidden',
      why: offer.seen ? null : reasonOf(offer.why, change),
      change: change === null ? null : { id: change.id, state: change.state },
    };
  });
  return {
    centres: centres.sort((a, b) => FRENCH.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)),
    ended: planned.length - standing.length,
    filieres: await knownFilieres(run),
    platforms: report.platforms ?? [],
    mirror: report.mirror,
  };
}

function reasonOf(offer: string, change: ChangeHead | null): string {
  if (change === null) return `${offer}, et aucun changement n’est ouvert`;
  const blocking = change.reasons.find((reason) => reason.blocking);
  const asks = blocking === undefined ? '' : ` : ${blocking.message}`;
  return `${offer} ; changement ${STATE_WORDS[change.state]}${asks}`;
}

/** One open change of each centre: one that asks something before any other, the oldest of equals. */
async function changesOf({ db, region }: Context): Promise<Map<string, ChangeHead>> {
  const found = new Map<string, ChangeHead>();
  for (const head of await openHeads(db, region.code)) {
    for (const centre of head.centres) {
      const known = found.get(centre);
      if (known === undefined || (!ASKED.includes(known.state) && ASKED.includes(head.state)))
        found.set(centre, head);
    }
  }
  return found;
}

type Described = { readonly seen: true } | { readonly seen: false; readonly why: string };

/** By centre that has an offer: whether the offer, as last read, says a level of expertise (TRE_R344). */
async function describedBy({ db, region }: Context): Promise<Map<string, Described>> {
  const links = await centreLinks(db, region.code);
  const numbers = [...new Set(links.map(({ identifier }) => identifier))];
  const read = await offersAsRead(db, region.code, numbers);
  const described = new Map(numbers.map((number) => [number, describes(number, read.get(number))]));
  const found = new Map<string, Described>();
  for (const { centre, identifier } of links) {
    const said = described.get(identifier);
    if (said !== undefined && found.get(centre)?.seen !== true) found.set(centre, said);
  }
  return found;
}

function describes(number: string, body: string | null | undefined): Described {
  if (body === undefined) return { seen: false, why: `l’offre ${number} n’a pas encore été relue` };
  if (body === null) return { seen: false, why: `l’offre ${number} n’est plus dans le répertoire` };
  const keys = [...elementsOf(withLists(parseBody(body))).keys()];
  return keys.some((key) => key.startsWith('characteristic[expertiseLevel]#'))
    ? { seen: true }
    : { seen: false, why: `l’offre ${number} ne dit aucun niveau d’expertise` };
}

/** Place of each centre, from the present register. */
async function placesOf(
  run: Context,
  centres: readonly CentreIdentity[],
): Promise<(centre: CentreIdentity) => CoveredPlace> {
  const { db, region } = run;
  const numbers = new Set(centres.flatMap(({ eg, ej }) => [eg ?? ej ?? []].flat()));
  const sites = await knownSites(run, [...numbers]);
  const byEg = new Map(sites.map((site) => [String(site.eg), site]));
  const byEj = groupsOf(sites, (site) => String(site.ej));
  const points = await pointsOf(db, region.code, [...byEg.keys()]);
  const legalOf = legalEntities(centres, (eg) => byEg.get(eg)?.ej ?? null);
  return (identity) => {
    const { eg, ej, hospital, town } = identity;
    const legal = legalOf(identity);
    const written = { name: hospital === '' ? (town ?? 'hôpital non dit') : hospital, town };
    const site = eg === null ? undefined : byEg.get(eg);
    if (site !== undefined && eg !== null) {
      const { name, town: at, departement } = site;
      const point = points.get(eg) ?? null;
      return { key: `eg:${eg}`, name, town: at, finess: eg, legal, departement, point };
    }
    const finess = eg ?? ej;
    const key = finess === null ? `nom:${fold(`${hospital} ${town ?? ''}`)}` : `finess:${finess}`;
    const among = [...new Set((byEj.get(ej ?? '') ?? []).map((each) => each.departement))].filter((each) =>
      region.departements.includes(each),
    );
    return {
      ...written,
      key,
      finess,
      legal,
      departement: among.length === 1 ? (among[0] ?? null) : null,
      point: null,
    };
  };
}

/** Legal entity of each centre, by its site where the register knows it, else by what the plan recognised. */
function legalEntities(
  centres: readonly CentreIdentity[],
  ejOf: (eg: string) => string | null,
): (centre: CentreIdentity) => LegalEntity | null {
  const numberOf = ({ eg, ej }: CentreIdentity): string | null => (eg === null ? null : ejOf(eg)) ?? ej;
  const names = new Map(
    [...groupsOf(centres, (centre) => numberOf(centre) ?? '')].map(([finess, here]) => [
      finess,
      usualName(here.map(({ hospital }) => hospital)) ?? finess,
    ]),
  );
  return (centre) => {
    const finess = numberOf(centre);
    return finess === null ? null : { finess, name: names.get(finess) ?? finess };
  };
}

/** The one that is written most often; of equals, the first in the alphabet. Null when none is written. */
function usualName(names: readonly string[]): string | null {
  const written = [
    ...groupsOf(
      names.filter((name) => name !== ''),
      (name) => name,
    ).entries(),
  ];
  written.sort(([a, one], [b, other]) => other.length - one.length || FRENCH.compare(a, b));
  return written[0]?.[0] ?? null;
}
