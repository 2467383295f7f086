import {
  appliedEver,
  attemptsOn,
  changesOfOffer,
  journalActs,
  linkEvents,
  offerVersions,
  openingStates,
  versionBodies,
} from '../db/as-of.js';
import { listsCentres } from '../domain/source-ids.js';
import { agreementsEver } from '../db/agreements.js';
import { answersEver, changesOfCentre, intervalsOf, type SaidInterval } from '../db/centre-history.js';
import { changesByIds, type StoredChange } from '../db/changes.js';
import { decisionsOn } from '../db/decisions.js';
import { followupsOf } from '../db/followups.js';
import { offerOfTarget } from '../domain/change.js';
import { DataError } from '../domain/errors.js';
import type { CentreId } from '../domain/ids.js';
import type { AsOf, PastRecord } from './as-of.js';
import { openingOf, stateSteps, type ChangeActs } from './as-of-states.js';
import { mentionsIn } from './centre-card.js';
import { whoIs, type KnownAs } from './who-is.js';
import type { RunContext } from './context.js';

type RecordContext = Pick<RunContext, 'db' | 'config' | 'region'>;

/**
 * Everything recorded of a centre, under all its ids.
 * @throws DataError `CENTRE_UNKNOWN`
 */
export async function recordOfCentre(
  run: RecordContext,
  wanted: string,
): Promise<PastRecord & Pick<KnownAs, 'sameAs'>> {
  const { db, region } = run;
  const known = await whoIs(run, wanted);
  const heads = await changesOfCentre(db, region.code, known.ids);
  const links = await linkEvents(db, region.code, { centres: known.ids, identifiers: [] });
  const targets = heads.map(({ target }) => offerOfTarget(target)).filter((each) => each !== null);
  const offers = [...new Set([...links.map(({ identifier }) => identifier), ...targets])].sort();
  const changes = await changesByIds(
    db,
    region.code,
    heads.map(({ id }) => id),
  );
  const record = await complete(run, { centres: known.ids, offers, changes, keys: known.keys });
  return { ...record, sameAs: known.sameAs };
}

/**
 * The same of an offer: its centres are those that it has or had, and those of the changes about it.
 * @throws DataError `OFFER_NEVER_SEEN`
 */
export async function recordOfOffer(run: RecordContext, identifier: string): Promise<PastRecord> {
  const { db, region } = run;
  const changes = await changesByIds(db, region.code, await changesOfOffer(db, region.code, identifier));
  const links = await linkEvents(db, region.code, { centres: [], identifiers: [identifier] });
  const centres = [
    ...new Set([...links.map(({ centre }) => centre), ...changes.flatMap((change) => change.centres)]),
  ].sort();
  const keys: KnownAs['keys'][number][] = [];
  for (const centre of centres) keys.push(...(await whoIs(run, centre)).keys);
  const record = await complete(run, { centres, offers: [identifier], changes, keys });
  if (record.versions.length + changes.length + links.length === 0)
    throw offerUnknown(identifier, region.name);
  return record;
}

/** Texts of the versions that stood then, by their number. */
export async function bodiesThen(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  sides: readonly AsOf[],
): Promise<ReadonlyMap<number, string>> {
  const nos = sides.flatMap(({ offers }) =>
    offers.flatMap(({ read }) => (read.kind === 'read' ? [read.version.no] : [])),
  );
  return await versionBodies(db, region.code, nos);
}

interface Subject {
  readonly centres: readonly CentreId[];
  readonly offers: readonly string[];
  readonly changes: readonly StoredChange[];
  readonly keys: KnownAs['keys'];
}

async function complete(run: RecordContext, subject: Subject): Promise<PastRecord> {
  const { db, region } = run;
  const { centres, offers, changes } = subject;
  const ids = changes.map(({ id }) => id);
  const said = (await intervalsOf(db, region.code, subject.keys)).filter((each) => isOfCentres(run, each));
  const decisions = await decisionsOn(db, region.code, ids);
  const attempts = await attemptsOn(db, region.code, ids);
  const followups = await followupsOf(db, region.code, ids);
  const journal = await journalActs(db, region.code, [
    ...ids.map((id) => `change:${id}`),
    ...offers.map((identifier) => `offer:${identifier}`),
  ]);
  const own = new Map(
    changes.map(({ id }) => [
      id,
      {
        opening: null,
        decisions: decisions.filter(({ changeId }) => changeId === id),
        attempts: attempts.filter(({ changeId }) => changeId === id),
        followups: followups.get(id) ?? [],
        journal: journal.filter(({ change }) => change === id),
      } satisfies ChangeActs,
    ]),
  );
  const actsOf = (id: string): ChangeActs => own.get(id) ?? NOTHING_DONE;
  // Entries of plans are long: only those are opened that nothing else answers for.
  const doubtful = changes.filter((change) => openingOf(change, actsOf(change.id)) === null);
  const opened = await openingStates(db, region.code, doubtful);
  return {
    centres,
    offers,
    said,
    answers: await answersEver(db, region.code, [
      ...centres,
      ...mentionsIn(said),
      ...new Set(changes.map(({ target }) => target)),
    ]),
    versions: await offerVersions(db, region.code, offers),
    links: await linkEvents(db, region.code, { centres: [], identifiers: offers }),
    applied: await appliedEver(db, region.code, offers),
    changes,
    steps: new Map(
      changes.map((change) => [
        change.id,
        stateSteps(change, { ...actsOf(change.id), opening: opened.get(change.id) ?? null }),
      ]),
    ),
    decisions,
    agreements: await agreementsEver(db, region.code, ids),
    attempts,
    followups: [...followups.values()].flat().sort((a, b) => a.no - b.no),
    journal,
  };
}

const NOTHING_DONE: ChangeActs = { opening: null, decisions: [], attempts: [], followups: [], journal: [] };

function isOfCentres({ config }: RecordContext, { source }: SaidInterval): boolean {
  const known = config.sources[source];
  // A source that was since taken out of the configuration said what it said.
  return known === undefined || listsCentres(known.reader);
}

function offerUnknown(identifier: string, region: string): DataError {
  return new DataError({
    code: 'OFFER_NEVER_SEEN',
    message: `filror n’a jamais lu ni écrit d’offre « ${identifier.slice(0, 60)} » dans la région ${region}.`,
    remedy: 'vérifiez le numéro, ou partez de la fiche du centre (page « Centres »).',
  });
}
