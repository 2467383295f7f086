import { z } from 'zod';
import type { JournalRow } from '../../db/journal.js';
import { journalEntry, journalKinds, searchJournal, type JournalWanted } from '../../db/journal-search.js';
import { changesByIds } from '../../db/changes.js';
import { knownPeople } from '../../db/grants.js';
import { displayNames, type PersonId } from '../../db/people.js';
import { DataError } from '../../domain/errors.js';
import { html, type Html } from '../../domain/html.js';
import { dayAfter, frenchDay, momentText, parisIsoDay, parisMidnight } from '../../domain/time.js';
import { verify } from '../../journal/verify.js';
import { ALTERED_REMEDY, faultText, intactText, kindText, subjectText } from '../../journal/words.js';
import { fold } from '../../normalise/text.js';
import { queryText, withQuery } from '../query-text.js';
import { route, STAFF, type RegionRequest } from '../route.js';

const ENTRIES_SHOWN = 50;
/** Entries of a file at most: a whole server's journal is exported from the terminal, which streams it. */
const EXPORTED_AT_MOST = 50_000;

const search = z.object({
  genre: z.string().max(80).default(''),
  objet: z.string().max(200).default(''),
  personne: z.string().max(200).default(''),
  du: z.string().max(20).default(''),
  au: z.string().max(20).default(''),
  avant: z.coerce.number().int().positive().optional(),
  verifier: z.enum(['oui', '']).default(''),
});
type Search = z.infer<typeof search>;

export const journalPage = route({
  method: 'GET',
  path: '/journal',
  roles: STAFF,
  menu: 'Journal',
  query: search,
  handle: async (request) => {
    const { run, region, query } = request;
    const page = { below: query.avant ?? null, limit: ENTRIES_SHOWN + 1 };
    const found = await searchJournal(run.db, region.code, await wantedOf(request), page);
    const shown = found.slice(0, ENTRIES_SHOWN);
    const names = await namesOf(request, shown);
    const at = `/${region.code}/journal`;
    const last = shown.at(-1);
    return {
      kind: 'page',
      title: 'Journal',
      body: html`<h1>Journal</h1>
        <p class="lead">
          Chaque décision, chaque envoi et chaque droit y est écrit une fois, enchaîné au précédent.
        </p>
        ${query.verifier === 'oui' ? await verification(request) : html`<p><a href="${at}?verifier=oui">Vérifier la chaîne du journal</a></p>`}
        ${form(request, await journalKinds(run.db, region.code))}
        ${shown.length === 0 ? html`<p>Aucune écriture ne correspond.</p>` : table(region.code, shown, names)}
        ${
          found.length > ENTRIES_SHOWN && last !== undefined
            ? html`<p>
                <a href="${at}?${addressOf(query, last.no)}" rel="next">Écritures plus anciennes</a>
              </p>`
            : null
        }
        <p><a href="${at}/export?${addressOf(query)}">Télécharger ces écritures (NDJSON)</a></p>`,
    };
  },
});

export const journalFile = route({
  method: 'GET',
  path: '/journal/export',
  roles: STAFF,
  query: search,
  handle: async (request) => {
    const { run, region } = request;
    const page = { below: null, limit: EXPORTED_AT_MOST + 1 };
    const found = await searchJournal(run.db, region.code, await wantedOf(request), page);
    if (found.length > EXPORTED_AT_MOST) throw tooMany();
    return {
      kind: 'file',
      name: `journal-${region.code}.ndjson`,
      type: 'application/x-ndjson; charset=utf-8',
      content: found.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
      as: 'download',
    };
  },
});

export const journalEntryPage = route({
  method: 'GET',
  path: '/journal/:no',
  roles: STAFF,
  handle: async (request) => {
    const { run, region, params } = request;
    const no = params['no'] ?? '';
    const entry = /^\d{1,15}$/.test(no) ? await journalEntry(run.db, region.code, Number(no)) : null;
    if (entry === null) throw unknown(region.name);
    const names = await namesOf(request, [entry]);
    return {
      kind: 'page',
      title: `Écriture n° ${String(entry.no)} – Journal`,
      body: html`<p><a href="/${region.code}/journal">Revenir au journal</a></p>
        <h1>Écriture n° ${entry.no}</h1>
        <p>
          <strong>${kindText(entry.kind)}</strong> (${entry.kind}), ${subjectText(entry.subject)}, le
          ${momentText(new Date(entry.at))}, par ${who(entry, names)}.
        </p>
        ${elements(entry)} ${reasonOf(entry)} ${await thatDay(request, entry)}
        <details>
          <summary>Contenu de l’écriture, tel qu’il est enchaîné (JSON)</summary>
          <pre tabindex="0">${readable(entry.body)}</pre>
        </details>
        <p class="muted small">Empreinte ${entry.hash}, à la suite de ${entry.prev_hash}</p>`,
    };
  },
});

async function wantedOf({ run, query }: RegionRequest<Search>): Promise<JournalWanted> {
  const [from, following] = [dayOf(query.du, 'Du'), dayOf(dayAfter(query.au) ?? query.au, 'Au')];
  const words = fold(query.personne);
  const people = words === '' ? null : await knownPeople(run.db);
  return {
    kind: query.genre === '' ? null : query.genre,
    subject: query.objet === '' ? null : query.objet,
    actors: people?.filter(({ name }) => fold(name ?? '').includes(words)).map(({ id }) => id) ?? null,
    from,
    until: following,
  };
}

/** @throws DataError `FORM_INVALID`: a day that does not exist never widens a search in silence */
function dayOf(text: string, field: string): Date | null {
  if (text === '') return null;
  const midnight = parisMidnight(text);
  if (midnight !== null) return midnight;
  throw new DataError({
    code: 'FORM_INVALID',
    message: `« ${text} » n’est pas une date (champ « ${field} »).`,
    remedy: 'donnez une date qui existe, ou laissez ce champ vide.',
  });
}

function addressOf(query: Search, below: number | null = null): string {
  return queryText({ ...query, avant: below ?? '', verifier: '' });
}

async function namesOf({ run }: RegionRequest, entries: readonly JournalRow[]): Promise<Map<string, string>> {
  return await displayNames(
    run.db,
    entries.flatMap((entry) => [entry.actor, representedIn(entry)].filter((each) => each !== null)),
  );
}

function who(entry: JournalRow, names: ReadonlyMap<string, string>): string {
  const name = (person: PersonId): string => names.get(person) ?? 'personne effacée';
  const absent = representedIn(entry);
  const deputy = absent === null ? '' : `, au nom de ${name(absent)}`;
  return entry.actor === null ? 'une règle' : `${name(entry.actor)}${deputy}`;
}

/** The person in whose place a deputy acted (S6). */
function representedIn({ body }: JournalRow): PersonId | null {
  const { onBehalfOf } = (parsed(body) ?? {}) as { onBehalfOf?: unknown };
  return typeof onBehalfOf === 'string' ? (onBehalfOf as PersonId) : null;
}

async function verification({ run }: RegionRequest): Promise<Html> {
  const result = await verify(run.db);
  if (result.fault === null) return html`<div class="banner"><p>${intactText(result)}</p></div>`;
  return html`<div class="banner refusal">
    <p>${faultText(result.fault)}</p>
    <p><strong>Que faire :</strong> ${ALTERED_REMEDY}</p>
  </div>`;
}

function form({ region, query }: RegionRequest<Search>, kinds: readonly string[]): Html {
  const field = (name: 'objet' | 'personne' | 'du' | 'au', label: string, type: string): Html =>
    html`<div>
      <label for="${name}">${label}</label>
      <input id="${name}" name="${name}" type="${type}" value="${query[name]}" maxlength="200" />
    </div>`;
  return html`<form class="filters" method="get" action="/${region.code}/journal" role="search">
    <div>
      <label for="genre">Genre d’écriture</label>
      <select id="genre" name="genre">
        <option value="">tous</option>
        ${kinds.map((kind) => html`<option value="${kind}" ${kind === query.genre ? html`selected` : null}>${kindText(kind)}</option>`)}
      </select>
    </div>
    ${field('objet', 'Objet (changement, offre, centre…)', 'search')}
    ${field('personne', 'Personne', 'search')} ${field('du', 'Du', 'date')}
    ${field('au', 'Au (compris)', 'date')}
    <button>Chercher dans le journal</button>
  </form>`;
}

function table(region: string, entries: readonly JournalRow[], names: ReadonlyMap<string, string>): Html {
  return html`<table class="stack">
    <caption>
      Écritures, de la plus récente à la plus ancienne
    </caption>
    <thead>
      <tr>
        <th scope="col">N°</th>
        <th scope="col">Quand</th>
        <th scope="col">Genre</th>
        <th scope="col">Objet</th>
        <th scope="col">Par</th>
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        (entry) =>
          html`<tr>
            <th scope="row"><a href="/${region}/journal/${entry.no}">Écriture ${entry.no}</a></th>
            <td data-label="Quand">${momentText(new Date(entry.at))}</td>
            <td data-label="Genre">${kindText(entry.kind)}</td>
            <td data-label="Objet">${subjectText(entry.subject)}</td>
            <td data-label="Par">${who(entry, names)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The values that the entry is about, old and new, where it holds some. */
function elements(entry: JournalRow): Html | null {
  const body = parsed(entry.body) as { elements?: unknown } | null;
  if (body === null || !Array.isArray(body.elements) || body.elements.length === 0) return null;
  const rows = body.elements as { key?: string; before?: unknown; after?: unknown }[];
  const text = (value: unknown): string =>
    value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
  return html`<table class="stack">
    <caption>
      Valeurs
    </caption>
    <thead>
      <tr>
        <th scope="col">Élément</th>
        <th scope="col">Ancien</th>
        <th scope="col">Nouveau</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ key, before, after }) =>
          html`<tr>
            <th scope="row">${key ?? ''}</th>
            <td data-label="Ancien"><del>${text(before)}</del></td>
            <td data-label="Nouveau"><ins>${text(after)}</ins></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** How things stood at the end of that day, for what has such a page: an offer, a centre, the centres of a change. */
async function thatDay({ run, region }: RegionRequest, { subject, at }: JournalRow): Promise<Html | null> {
  const date = parisIsoDay(new Date(at));
  const on = frenchDay(date);
  const [word = '', rest = ''] = cutAtColon(subject);
  if (word === 'offer')
    return html`<p>
      <a href="${withQuery(`/${region.code}/offres/au`, { offre: rest, date })}"
        >Voir l’offre ${rest} à la fin du ${on}</a
      >
    </p>`;
  const centres =
    word === 'change'
      ? ((await changesByIds(run.db, region.code, [rest]))[0]?.centres ?? [])
      : centreIn(subject);
  return centres.length === 0
    ? null
    : html`<p>
        ${centres.map((centre) => html`<a href="${withQuery(`/${region.code}/centres/${centre}/au`, { date })}">Voir le centre ${centre} à la fin du ${on}</a> `)}
      </p>`;
}

function cutAtColon(subject: string): readonly string[] {
  const at = subject.indexOf(':');
  return at < 0 ? [] : [subject.slice(0, at), subject.slice(at + 1)];
}

function centreIn(subject: string): readonly string[] {
  return /^cmr_[a-z2-7]{16}$/.test(subject) ? [subject] : [];
}

/** Why it was done, in the words of whoever did it. */
function reasonOf({ body }: JournalRow): Html | null {
  const { reason } = (parsed(body) ?? {}) as { reason?: unknown };
  return typeof reason === 'string' && reason !== '' ? html`<p>Raison : « ${reason} »</p>` : null;
}

function parsed(body: string): unknown {
  // A body is the exact text that was hashed: JSON nearly always, any text by contract.
  return /^[[{]/.test(body) ? (JSON.parse(body) as unknown) : null;
}

function readable(body: string): string {
  const value = parsed(body);
  return value === null ? body : JSON.stringify(value, null, 2);
}

function tooMany(): DataError {
  return new DataError({
    code: 'JOURNAL_TOO_LONG',
    message: `Plus de ${EXPORTED_AT_MOST.toLocaleString('fr')} écritures répondent : le fichier serait incomplet, il n’a pas été fait.`,
    remedy: 'restreignez les dates ou le genre ; « filror journal export », au terminal, donne tout.',
  });
}

function unknown(region: string): DataError {
  return new DataError({
    code: 'ENTRY_UNKNOWN',
    message: `Cette écriture n’est pas au journal de la région ${region}.`,
    remedy: 'partez de la liste du journal.',
  });
}
