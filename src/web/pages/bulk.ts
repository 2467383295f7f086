import { z } from 'zod';
import { authorsOfEach, changesByIds } from '../../db/changes.js';
import { headsByIds, openHeads, type ChangeHead } from '../../db/change-heads.js';
import { approversOfEach } from '../../db/decisions.js';
import { counted } from '../../domain/counted.js';
import { DataError } from '../../domain/errors.js';
import { html, type Html } from '../../domain/html.js';
import { approveEach, bulkRefusal, ofStandingOffer, type BulkOutcome } from '../../review/bulk.js';
import { inPlanOrder } from '../../runs/report.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ownPath } from '../sign-in.js';
import { route, type RegionRequest } from '../route.js';
import { decider } from './find.js';
import { kindAndFiliere, stateField, wordsField } from './filter-fields.js';
import { bulkAddress, filters, listAddress, matching, rule, type Rule } from './filters.js';
import { identity, kindBadge, pager, titleOf, type Centres } from './parts.js';

/** The rule stands in the address: a view can be shared, and shows the same changes. */
const previewed = rule.extend({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
type Previewed = z.infer<typeof previewed>;
/** Room for 25,000 forms of 76 characters each. */
const BODY_LIMIT = 2_000_000;
/** Changes of one page of the preview, and of those that it leaves; the form holds all of them. */
const PAGE_SIZE = 100;
const NAMED = 5;

interface Judged {
  readonly change: ChangeHead;
  readonly why: string | null;
}

export const bulkPage = route({
  method: 'GET',
  path: '/changements/approuver-en-nombre',
  roles: ['reviewer'],
  query: previewed,
  handle: async (request) => {
    const { run, region, query, token } = request;
    const centres = await plannedCentres(request.run);
    const open = await openHeads(run.db, region.code);
    const judged = await judge(
      request,
      inPlanOrder(
        matching(open, query, centres).filter((change) => mayWait(change, query)),
        centres,
      ),
    );
    const taken = judged.filter(({ why }) => why === null).map(({ change }) => change);
    const left = judged.filter(({ why }) => why !== null);
    const list = listAddress(region.code, filters.parse({ ...query, page: 1 }), {});
    return {
      kind: 'page',
      title: 'Approuver en nombre',
      body: html`<p><a href="${list}">Revenir à la liste</a></p>
        <h1>Approuver en nombre</h1>
        <p class="lead">
          ${counted(taken.length, 'changement serait approuvé', 'changements seraient approuvés')} par cette
          règle, ${left.length} non.
        </p>
        ${ruleForm(region.code, query, centres)}
        ${
          taken.length === 0
            ? html`<p>Rien à approuver par cette règle.</p>`
            : html`${shownTable(region.code, taken, query, centres)}
                <form method="post" action="/${region.code}/changements/approuver-en-nombre" class="act">
                  ${token}<input type="hidden" name="retour" value="${list}" />
                  <input
                    type="hidden"
                    name="montres"
                    value="${taken.map(({ id, hash }) => `${id}:${hash}`).join(' ')}"
                  />
                  ${
                    taken.length > PAGE_SIZE
                      ? html`<p>Le bouton approuve les changements de toutes les pages de cette liste.</p>`
                      : null
                  }
                  <button class="primary">
                    Approuver
                    ${taken.length === 1 ? 'le changement montré' : html`les ${taken.length} changements montrés`}
                  </button>
                </form>`
        }
        ${left.length === 0 ? null : leftTable(region.code, left, centres)}`,
    };
  },
});

export const bulkApprove = route({
  method: 'POST',
  path: '/changements/approuver-en-nombre',
  roles: ['reviewer'],
  bodyLimit: BODY_LIMIT,
  form: z.object({
    montres: z.string().regex(/^[a-z2-7]{10}:[0-9a-f]{64}( [a-z2-7]{10}:[0-9a-f]{64})*$/),
    retour: z.string().max(2000).optional(),
  }),
  handle: async (request) => {
    const { run, region, form } = request;
    const hashes = new Map(form.montres.split(' ').map((each) => each.split(':') as [string, string]));
    const found = await headsByIds(run.db, region.code, [...hashes.keys()]);
    if (found.length < hashes.size) throw unknownChange();
    const judged = await judge(request, found);
    const refused: BulkOutcome[] = judged.flatMap(({ change, why }) =>
      why === null ? [] : [{ change: change.id, done: false, why }],
    );
    const shown = judged
      .filter(({ why }) => why === null)
      .map(({ change: { id } }) => ({ id, hash: hashes.get(id) ?? '' }));
    const outcomes = [...(await approveEach(decider(request), shown)), ...refused];
    return {
      kind: 'seeOther',
      to: ownPath(form.retour ?? `/${region.code}/changements`),
      notice: told(outcomes, found, await plannedCentres(request.run)),
    };
  },
});

/** "27 approuvés, 2 non : …" */
function told(outcomes: readonly BulkOutcome[], changes: readonly ChangeHead[], centres: Centres): string {
  const approved = outcomes.filter((each) => each.done && each.result.approved).length;
  const waiting = outcomes.filter((each) => each.done && !each.result.approved).length;
  const not = outcomes.flatMap((each) => (each.done ? [] : [each]));
  const named = not.slice(0, NAMED).map(({ change, why }) => {
    const about = changes.find(({ id }) => id === change);
    const title = about === undefined ? change : titleOf(about, centres);
    return `${title.slice(0, 120)} (${why})`;
  });
  const more = not.length > NAMED ? ` ; et ${String(not.length - NAMED)} autres` : '';
  const parts = [
    counted(approved, 'approuvé'),
    ...(waiting === 0
      ? []
      : [
          `${counted(waiting, 'approbation enregistrée', 'approbations enregistrées')}, il manque une autre personne`,
        ]),
    ...(not.length === 0 ? [] : [`${String(not.length)} non : ${named.join(' ; ')}${more}`]),
  ];
  return `${parts.join(', ')}.`;
}

async function judge(
  { run, region, person }: RegionRequest,
  changes: readonly ChangeHead[],
): Promise<Judged[]> {
  const ids = changes.map(({ id }) => id);
  // Only of an offer that stands already do the elements decide whether it may be approved with others.
  const standing = changes.filter(({ kind, state }) => state === 'proposed' && ofStandingOffer(kind));
  const whole = await changesByIds(
    run.db,
    region.code,
    standing.map(({ id }) => id),
  );
  const elements = new Map(whole.map((change) => [change.id, change.elements]));
  const authors = await authorsOfEach(run.db, region.code, ids);
  const approvers = await approversOfEach(run.db, region.code, ids);
  return changes.map((change) => ({
    change,
    why: bulkRefusal(
      { ...change, elements: elements.get(change.id) ?? [] },
      {
        review: run.config.review,
        person: person.id,
        authors: authors.get(change.id) ?? [],
        approvers: approvers.get(change.id) ?? new Set(),
      },
    ),
  }));
}

/** What was decided or sent is no answer to a rule, unless its state was asked for. */
function mayWait({ state }: ChangeHead, { etat }: Rule): boolean {
  return etat !== '' || (state !== 'approved' && state !== 'transmitted' && state !== 'uncertain');
}

function ruleForm(region: string, query: Rule, centres: Centres): Html {
  return html`<form class="filters" method="get" action="/${region}/changements/approuver-en-nombre">
    ${stateField(query.etat)} ${kindAndFiliere(query, centres)} ${wordsField(query.cherche)}
    <button>Montrer ce que cette règle approuverait</button>
  </form>`;
}

function shownTable(
  region: string,
  changes: readonly ChangeHead[],
  query: Previewed,
  centres: Centres,
): Html {
  const last = Math.ceil(changes.length / PAGE_SIZE);
  const page = Math.min(query.page, last);
  return html`<table class="stack">
      <caption>
        Seraient approuvés, dans cette forme exacte${last > 1 ? html` : page ${page} sur ${last}` : null}
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Changement</th>
          <th scope="col">Empreinte</th>
        </tr>
      </thead>
      <tbody>
        ${changes.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(
          (change) =>
            html`<tr>
              <th scope="row">
                <a href="/${region}/changements/${change.id}">${titleOf(change, centres)}</a>
                ${identity(change, centres)}
              </th>
              <td data-label="Changement">${kindBadge(change.kind)}</td>
              <td data-label="Empreinte" class="small">${change.hash.slice(0, 12)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${pager(page, last, (to) => bulkAddress(region, query, to), 'la liste de ce qui serait approuvé')}`;
}

function leftTable(region: string, left: readonly Judged[], centres: Centres): Html {
  return html`<table class="stack">
    <caption>
      Ne seraient pas
      approuvés${left.length > PAGE_SIZE ? html` : les ${PAGE_SIZE} premiers sur ${left.length}` : null}
    </caption>
    <thead>
      <tr>
        <th scope="col">Centre</th>
        <th scope="col">Changement</th>
        <th scope="col">Pourquoi</th>
      </tr>
    </thead>
    <tbody>
      ${left.slice(0, PAGE_SIZE).map(
        ({ change, why }) =>
          html`<tr>
            <th scope="row">
              <a href="/${region}/changements/${change.id}">${titleOf(change, centres)}</a>
            </th>
            <td data-label="Changement">${kindBadge(change.kind)}</td>
            <td data-label="Pourquoi">${why}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function unknownChange(): DataError {
  return new DataError({
    code: 'CHANGE_UNKNOWN',
    message: 'Un changement de cette liste n’existe pas : rien n’a été approuvé.',
    remedy: 'ouvrez de nouveau la page, puis recommencez.',
  });
}
