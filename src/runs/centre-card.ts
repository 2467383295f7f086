import { consolidate, type ConsolidatedCentre, type ObservationRef } from '../consolidate/centre.js';
import { keyOf } from '../consolidate/identity.js';
import { appliedElements, type AppliedElement } from '../db/applied.js';
import { answersOf, type Answer } from '../db/answers.js';
import {
  answersEver,
  changesOfCentre,
  intervalsOf,
  type CentreChange,
  type SaidInterval,
} from '../db/centre-history.js';
import {
  centreAges,
  centreExists,
  centreKeys,
  centreLinks,
  formerLinks,
  type CentreLink,
  type FormerLink,
} from '../db/centres.js';
import { decisionsOn, type Decision } from '../db/decisions.js';
import { currentDeliveries } from '../db/deliveries.js';
import { observationsOf } from '../db/observations.js';
import type { CentreObservation } from '../domain/centre.js';
import type { Provenance } from '../domain/change.js';
import { DataError } from '../domain/errors.js';
import type { Establishment } from '../domain/establishment.js';
import type { Filiere } from '../domain/filiere.js';
import type { CentreId } from '../domain/ids.js';
import type { RunContext } from './context.js';
import { knownSites } from './known-sites.js';
import { completionsOf } from './material.js';
import { mentionKey } from './places.js';
import { plannedCentres } from './planned-centres.js';
import type { CentreIdentity } from './report.js';
import { redirected, sameCentres } from './sightings.js';

/** All that is known of one centre: what sources say, what people said, what it gives, what became of it. */
export interface CentreCard {
  readonly id: CentreId;
  /** Ids that people said are the same centre, this one first. */
  readonly ids: readonly CentreId[];
  /** The older centre that this one is held for; null when it stands for itself. */
  readonly sameAs: CentreId | null;
  /** What sources and people say now, merged; null when no source says this centre any more. */
  readonly centre: ConsolidatedCentre | null;
  /** As the last plan names it; null when it is in none. */
  readonly identity: CentreIdentity | null;
  /** Its site, or the sites of its hospital while none was chosen. */
  readonly sites: readonly Establishment[];
  /** As the list of filières tells it, and where; null when none holds it. */
  readonly filiere: { readonly said: Filiere; readonly provenance: Provenance } | null;
  readonly history: readonly SaidInterval[];
  readonly answers: readonly (Answer & { readonly undone: boolean })[];
  /** Offers that it contributes to, with what was last read back of its elements. */
  readonly offers: readonly (CentreLink & { readonly elements: readonly AppliedElement[] })[];
  readonly former: readonly FormerLink[];
  readonly changes: readonly CentreChange[];
  readonly decisions: readonly Decision[];
}

type CardContext = Pick<RunContext, 'db' | 'config' | 'region'>;

/**
 * Reads the card of a centre from what is stored, by its keys: nothing is planned again. What the merge gives is what
 * the next plan would say of the same rows; hospital and site are the last plan's.
 * @throws DataError `CENTRE_UNKNOWN`
 */
export async function centreCard(run: CardContext, wanted: string): Promise<CentreCard> {
  const { db, region } = run;
  const { id, ids, sameAs, keys: own, answers } = await whoIs(run, wanted);
  const history = await intervalsOf(db, region.code, own);
  const said = await presentRefs(run, history);
  const centre = said.length === 0 ? null : consolidate(id, said, completionsOf({ answers }, id));
  const identity = (await plannedCentres(run))[id] ?? null;
  const place = identity?.eg ?? identity?.ej ?? null;
  const changes = await changesOfCentre(db, region.code, ids);
  const filiere = centre?.filiere ?? identity?.filiere;
  return {
    id,
    ids,
    sameAs,
    centre,
    identity,
    sites: place === null ? [] : await knownSites(run, [place]),
    filiere: filiere === undefined ? null : await filiereOf(run, filiere),
    history,
    answers: await answersEver(db, region.code, [
      ...ids,
      ...mentionsIn(history),
      ...new Set(changes.map(({ target }) => target)),
    ]),
    offers: await offersOf(run, ids),
    former: (await formerLinks(db, region.code)).filter((link) => ids.includes(link.centre)),
    changes,
    decisions: await decisionsOn(
      db,
      region.code,
      changes.map((change) => change.id),
    ),
  };
}

/** A centre under all its ids, and the rows of lists that are held for it now. */
export interface KnownAs {
  readonly id: CentreId;
  readonly ids: readonly CentreId[];
  readonly sameAs: CentreId | null;
  readonly keys: readonly { readonly source: string; readonly key: string }[];
  /** Every answer of the region that holds now. */
  readonly answers: readonly Answer[];
}

/** @throws DataError `CENTRE_UNKNOWN` */
export async function whoIs(run: Pick<RunContext, 'db' | 'region'>, wanted: string): Promise<KnownAs> {
  const { db, region } = run;
  if (!(await centreExists(db, region.code, wanted))) throw centreUnknown(wanted, region.name);
  const id = wanted as CentreId;
  const answers = await answersOf(db, region.code);
  const keys = new Map((await centreKeys(db, region.code)).map((row) => [keyOf(row), row.centre]));
  const people = { keys, answers, ages: await centreAges(db, region.code) };
  const held = sameCentres(people);
  const older = held(id);
  return {
    id,
    ids: [id, ...[...new Set(keys.values())].filter((each) => each !== id && held(each) === id)],
    sameAs: older === id ? null : older,
    keys: [...redirected(people)].filter(([, centre]) => centre === id).map(([key]) => cut(key)),
    answers,
  };
}

function cut(key: string): { source: string; key: string } {
  const at = key.indexOf('|');
  return { source: key.slice(0, at), key: key.slice(at + 1) };
}

/** What the lists of the configuration say now. */
async function presentRefs(run: CardContext, history: readonly SaidInterval[]): Promise<ObservationRef[]> {
  const deliveries = await currentDeliveries(run.db, run.region.code);
  return history.flatMap((said) => {
    const source = run.config.sources[said.source];
    if (said.until !== null || source?.reader !== 'labelled-centres') return [];
    return [
      {
        source: said.source,
        precedence: source.precedence,
        key: said.key,
        observation: JSON.parse(said.content) as CentreObservation,
        locator: said.locator,
        snapshot: said.from.sha256,
        date: dayOf(said.from),
        importedBy: deliveries.get(said.source)?.imported_by ?? null,
      },
    ];
  });
}

/** Date of a delivery: its content's, else that of its arrival. */
export function dayOf({ contentDate, fetchedAt }: SaidInterval['from']): string {
  return contentDate ?? fetchedAt.toISOString().slice(0, 10);
}

/** A filière with its reference networks, as the list of filières gives it. */
async function filiereOf(run: CardContext, code: string): Promise<CentreCard['filiere']> {
  const deliveries = await currentDeliveries(run.db, run.region.code);
  for (const delivery of deliveries.values()) {
    const { source, no, sha256: snapshot } = delivery;
    if (run.config.sources[source]?.reader !== 'filieres') continue;
    for (const { content, locator } of await observationsOf(run.db, run.region.code, source, no)) {
      const said = JSON.parse(content) as Filiere;
      if (said.code !== code) continue;
      const date = delivery.content_date ?? delivery.fetched_at.toISOString().slice(0, 10);
      return { said, provenance: { kind: 'source', origin: source, snapshot, locator, date } };
    }
  }
  return null;
}

async function offersOf(run: CardContext, ids: readonly CentreId[]): Promise<CentreCard['offers']> {
  const links = (await centreLinks(run.db, run.region.code)).filter((link) => ids.includes(link.centre));
  const offers: CentreCard['offers'][number][] = [];
  for (const link of links) {
    const { identifier } = link;
    const applied = (await appliedElements(run.db, run.region.code, undefined, identifier)).get(identifier);
    const own = [...(applied?.values() ?? [])].filter(
      ({ readBack, centres }) => readBack !== null && centres.some((each) => ids.includes(each)),
    );
    offers.push({ ...link, elements: own });
  }
  return offers;
}

/** How its hospital was ever written: a person's recognition is about that, and holds for the centre. */
export function mentionsIn(history: readonly SaidInterval[]): string[] {
  return [...new Set(history.map((said) => mentionKey(JSON.parse(said.content) as CentreObservation)))];
}

function centreUnknown(id: string, region: string): DataError {
  return new DataError({
    code: 'CENTRE_UNKNOWN',
    message: `Le centre « ${id.slice(0, 40)} » n’existe pas dans la région ${region}.`,
    remedy: 'partez de la liste des centres.',
  });
}
