import { z } from 'zod';
import { readingsUpTo } from '../../db/as-of.js';
import { displayNames } from '../../db/people.js';
import type { CentreObservation } from '../../domain/centre.js';
import { html, type Html } from '../../domain/html.js';
import type { PersonId } from '../../domain/ids.js';
import { frenchDay, momentText, parisIsoDay } from '../../domain/time.js';
import { asOf, type PastRecord } from '../../runs/as-of.js';
import { pastDay } from '../../runs/as-of-day.js';
import { daysOf, happenings, peopleOf } from '../../runs/as-of-events.js';
import { bodiesThen, recordOfCentre, recordOfOffer } from '../../runs/as-of-record.js';
import { elementsIn } from '../../runs/as-of-offer.js';
import { placeNames } from '../../runs/as-of-places.js';
import { deciders, withName } from '../../runs/attribution.js';
import { nameOf } from '../../runs/centre-list.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { withQuery } from '../query-text.js';
import { route, STAFF, type Answer, type RegionRequest, type RegionRoute } from '../route.js';
import { addressOf, changedDays, datesForm, neighbours, timeline, type Place } from './as-of-dates.js';
import { offersThen, type Dated } from './as-of-offers.js';
import { happeningLine, listsThen, proposedThen, servedThen } from './as-of-parts.js';

const dates = z.object({
  date: z.string().max(20).default(''),
  comparer: z.string().max(20).default(''),
});
const ofOffer = dates.extend({ offre: z.string().trim().max(200).default('') });

type Asked = z.infer<typeof dates>;

/** A centre as of the end of any day: what the ROR said, what was proposed, who decided. */
export const centreAsOf = route({
  method: 'GET',
  path: '/centres/:centre/au',
  roles: STAFF,
  query: dates,
  handle: async (request) => {
    const { run, region, params } = request;
    const record = await recordOfCentre(run, params['centre'] ?? '');
    const [id = ''] = record.centres;
    const name = await namesOfCentres(request, record);
    const card = `/${region.code}/centres/${id}`;
    return await pageOf(request, record, {
      title: name(id),
      path: `${card}/au`,
      fixed: {},
      name,
      above: html`<p><a href="${card}">Revenir à la fiche du centre</a></p>`,
      about:
        record.sameAs === null
          ? null
          : html`<div class="banner">
              <p>
                Une personne a dit que ce centre est le même qu’un autre, plus ancien, qui garde son
                identifiant et ce que les listes en disent.
                <a href="/${region.code}/centres/${record.sameAs}/au">Voir le centre ${record.sameAs}</a>
              </p>
            </div>`,
    });
  },
});

/**
 * The same of an offer. Its number holds a slash (`28/…`), which the servers before this one may refuse in a path even
 * when it is escaped: it stands in the query.
 */
export const offerAsOf = route({
  method: 'GET',
  path: '/offres/au',
  roles: STAFF,
  query: ofOffer,
  handle: async (request) => {
    const { run, region, query } = request;
    const path = offersPath(region.code);
    if (query.offre === '') return { kind: 'page', title: 'Offre à une date', body: whichOffer(path, query) };
    const record = await recordOfOffer(run, query.offre);
    const name = await namesOfCentres(request, record);
    return await pageOf(request, record, {
      title: `Offre ${query.offre}`,
      path,
      fixed: { offre: query.offre },
      name,
      above: html`<p><a href="/${region.code}/centres">Revenir à la liste des centres</a></p>`,
      about: html`<p>
        ${record.centres.map((id) => html`<a href="/${region.code}/centres/${id}">Fiche du centre : ${name(id)}</a> `)}
        ${record.centres.length === 0 ? 'Aucun centre n’a jamais été rattaché à cette offre.' : null}
      </p>`,
    });
  },
});

export const asOfRoutes: readonly RegionRoute[] = [centreAsOf, offerAsOf];

function offersPath(region: string): string {
  return `/${region}/offres/au`;
}

function whichOffer(path: string, { date, comparer }: Asked): Html {
  return html`<h1>Une offre à une date</h1>
    <form class="filters" method="get" action="${path}">
      <input type="hidden" name="date" value="${date}" />
      <input type="hidden" name="comparer" value="${comparer}" />
      <div>
        <label for="offre">Numéro de l’offre dans le ROR</label>
        <input id="offre" name="offre" maxlength="200" required />
      </div>
      <button>Voir cette offre</button>
    </form>`;
}

interface Shown {
  readonly title: string;
  readonly path: string;
  readonly fixed: Readonly<Record<string, string>>;
  readonly name: (centre: string) => string;
  readonly above: Html;
  readonly about: Html | null;
}

async function pageOf(request: RegionRequest<Asked>, record: PastRecord, shown: Shown): Promise<Answer> {
  const { run, region, query } = request;
  const now = run.now();
  const today = parisIsoDay(now);
  const day = pastDay(query.date === '' ? today : query.date, now);
  const then = asOf(record, day.end);
  const other = query.comparer === '' ? null : comparedWith(record, query.comparer, now);
  const names = await displayNames(run.db, peopleOf(record));
  const name = (person: PersonId): string => names.get(person) ?? 'personne effacée';
  const all = happenings(record, name);
  const days = daysOf(all);
  const past = all.filter(({ at }) => at.getTime() <= day.end.getTime());
  const place: Place = { path: shown.path, fixed: shown.fixed, day, comparer: query.comparer, today };
  const on = frenchDay(day.iso);
  const bodies = await bodiesThen(run, [then, ...(other === null ? [] : [other.then])]);
  const latest = other !== null && other.day.end > day.end ? other.day.end : day.end;
  const section = {
    day,
    then,
    other,
    region: region.code,
    bodies,
    places: await placeNames(run, [...bodies.values()].map(elementsIn), latest),
    codes: run.config.codes,
    readings: await readingsUpTo(run.db, region.code, day.end),
    nameOf: shown.name,
    offerPage:
      shown.path === offersPath(region.code)
        ? null
        : (offre: string) =>
            withQuery(offersPath(region.code), { offre, date: day.iso, comparer: query.comparer }),
  };
  const whose = await deciders(
    run.db,
    then.open.map(({ change }) => change),
  );
  const open = then.open.map((each) => ({ ...each, change: withName(each.change, whose) }));
  return {
    kind: 'page',
    title: `${shown.title}, au ${on}`,
    body: html`${shown.above}
      <h1>${shown.title}, à la fin du ${on}</h1>
      ${shown.about}
      <p class="lead">
        Ce que filror avait lu, proposé et enregistré à la fin de cette journée, heure de
        Paris${day.iso === today ? ' (aujourd’hui : la journée n’est pas finie)' : ''}. Cette page ne change
        rien.
      </p>
      ${changedDays(place, days)} ${datesForm(place)} ${neighbours(place, days)}
      <p><a href="${addressOf(place, day.iso)}">Adresse de cette page, à partager</a></p>
      <h2>Ce que le ROR disait</h2>
      ${offersThen(section)}
      <h2>Ce que les listes disaient</h2>
      ${listsThen(then, `Listes, à la fin du ${on}`)}
      <h2>Ce que filror proposait</h2>
      ${proposedThen(region.code, open, run.config.codes)}
      <h2>Ce que filror servait à côté du ROR</h2>
      ${servedThen(then, run.config.codes)}
      <h2>Qui avait décidé, et ce qui était parti</h2>
      ${decidedThen(region.code, past)}
      <h2>Les dates qui comptent</h2>
      ${timeline(region.code, place, days)}`,
  };
}

function decidedThen(region: string, past: ReturnType<typeof happenings>): Html {
  const done = past.filter(({ theme }) => theme === 'people' || theme === 'sending');
  if (done.length === 0) return html`<p>Rien : personne n’avait encore décidé, et rien n’était parti.</p>`;
  return html`<ul>
    ${[...done].reverse().map((each) => happeningLine(region, each, momentText(each.at)))}
  </ul>`;
}

function comparedWith(record: PastRecord, iso: string, now: Date): Dated {
  const day = pastDay(iso, now);
  return { day, then: asOf(record, day.end) };
}

/** As the last plan names a centre, else as a list last named it, else its id. */
async function namesOfCentres(
  { run }: RegionRequest,
  { centres, said }: PastRecord,
): Promise<(centre: string) => string> {
  const planned = await plannedCentres(run);
  const last = said.at(-1);
  const alone =
    last === undefined || centres.length !== 1 ? null : (JSON.parse(last.content) as CentreObservation);
  return (centre) => {
    const known = planned[centre] ?? alone;
    return known === null ? `Centre ${centre}` : nameOf(known);
  };
}
