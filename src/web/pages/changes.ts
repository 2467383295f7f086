import { changesByIds, OPEN_STATES } from '../../db/changes.js';
import { changeHeads, openHeads, type ChangeHead } from '../../db/change-heads.js';
import { lastReport } from '../../db/last-report.js';
import { lastCheck } from '../../db/runs.js';
import type { ChangeState } from '../../domain/change.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { remembered } from '../../domain/remembered.js';
import { inPlanOrder, type RunReport } from '../../runs/report.js';
import { sentenceNow } from '../../runs/standing.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { elementRows } from './elements.js';
import { choice, kindAndFiliere, stateField, wordsField } from './filter-fields.js';
import { bulkAddress, filters, listAddress, matching, type Filters } from './filters.js';
import { recalculateForm } from './undoing.js';
import { identity, kindBadge, pager, stateBadge, titleOf, type Centres } from './parts.js';

/** Changes of one page of the list. */
export const PAGE_SIZE = 50;
/** Slow and apart: never among the others (ANCHORS 5.1). */
const CLOSING = ['withdraw', 'close'] as const;

export const changesPage = route({
  method: 'GET',
  path: '/changements',
  roles: STAFF,
  menu: 'Changements',
  query: filters,
  handle: async (request) => {
    const { run, region, query } = request;
    const [plan, open, checked] = await Promise.all([
      lastReport(run.db, region.code),
      openHeads(run.db, region.code),
      lastCheck(run.db, region.code),
    ]);
    const report = plan === null ? null : (plan.report as RunReport);
    const centres = report?.centres ?? NONE;
    const heads = isOver(query) ? await changeHeads(run.db, region.code, [query.etat as ChangeState]) : open;
    const sentence =
      report === null
        ? 'Aucun passage encore : rien n’a été collecté pour cette région.'
        : await sentenceNow(run, { open, report, checkedAt: checked ?? run.now() });
    const { offres, retraits } = tabsOf(centres)(heads);
    const shown = matching(tabsOf(centres)(heads)[query.onglet], query, centres);
    const title = counted(shown.length, 'changement');
    return {
      kind: 'page',
      title: `${title} – Changements`,
      body: html`<h1>Changements</h1>
        <p class="lead">${sentence}</p>
        ${driftBanner(request, open, centres)} ${tabs(request, offres.length, retraits.length)}
        ${filterForm(request, centres)} ${recalculateForm(request)}
        <div id="liste">${bulkLink(request)} ${await list(request, shown, centres)}</div>`,
    };
  },
});

/** The state asked for is one of changes that are over. */
function isOver({ etat }: Filters): boolean {
  return etat !== '' && etat !== 'asked' && !OPEN_STATES.includes(etat);
}

const closes = (head: Pick<ChangeHead, 'kind'>): boolean => CLOSING.some((kind) => kind === head.kind);

const NONE: Centres = {};
// Open changes and centres stay the same objects while nothing moves: what a whole list costs is paid once.
const tabsOf = remembered((centres: Centres) =>
  remembered((heads: readonly ChangeHead[]) => {
    const ordered = inPlanOrder(heads, centres);
    return { offres: ordered.filter((head) => !closes(head)), retraits: ordered.filter(closes) };
  }),
);
const movedOf = remembered((heads: readonly ChangeHead[]) =>
  heads.filter(({ state, reasons }) => state === 'conflict' || reasons.some(({ code }) => code === 'drift')),
);
/** What others changed comes before anything of ours (DESIGN 5.1 of the anchors). */
function driftBanner({ region }: RegionRequest, open: readonly ChangeHead[], centres: Centres): Html | null {
  const moved = movedOf(open);
  if (moved.length === 0) return null;
  return html`<section class="banner drift" aria-labelledby="derive">
    <h2 id="derive">Modifié dans le ROR depuis la préparation</h2>
    <ul>
      ${moved
        .slice(0, 10)
        .map(
          (head) =>
            html`<li>
              <a href="/${region.code}/changements/${head.id}">${titleOf(head, centres)}</a> –
              ${head.state === 'conflict' ? 'en conflit, trois valeurs à comparer' : 'leur valeur est gardée'}
            </li>`,
        )}
    </ul>
    ${moved.length > 10 ? html`<p>… et ${moved.length - 10} autres.</p>` : null}
  </section>`;
}

function tabs({ region, query }: RegionRequest<Filters>, offers: number, closings: number): Html {
  const tab = (name: Filters['onglet'], text: string): Html =>
    html`<li>
      <a
        href="${listAddress(region.code, query, { onglet: name, page: 1 })}"
        ${query.onglet === name ? html`aria-current="page"` : null}
        >${text}</a
      >
    </li>`;
  return html`<nav class="tabs" aria-label="Onglets des changements">
    <ul>
      ${tab('offres', `Offres (${String(offers)})`)}
      ${tab('retraits', `Retraits et fermetures (${String(closings)})`)}
    </ul>
  </nav>`;
}

/** The rule of the filters, as one that approves: with a preview, never by page; what is over is approved by none. */
function bulkLink({ region, query, roles }: RegionRequest<Filters>): Html | null {
  if (!roles.has('reviewer') || query.onglet === 'retraits' || isOver(query)) return null;
  return html`<p>
    <a href="${bulkAddress(region.code, query)}">Approuver en nombre par cette règle (montre d’abord)</a>
  </p>`;
}

function filterForm({ region, query }: RegionRequest<Filters>, centres: Centres): Html {
  return html`<form
    class="filters"
    method="get"
    action="/${region.code}/changements"
    role="search"
    hx-get="/${region.code}/changements"
    hx-trigger="change, submit, input delay:300ms from:#cherche"
    hx-target="#liste"
    hx-select="#liste"
    hx-swap="outerHTML"
    hx-push-url="true"
  >
    <input type="hidden" name="onglet" value="${query.onglet}" />
    ${stateField(query.etat)} ${kindAndFiliere(query, centres)} ${wordsField(query.cherche)}
    <div>
      <label for="vue">Vue</label>
      <select id="vue" name="vue">
        ${choice('compact', 'compacte', query.vue)} ${choice('complet', 'avec les éléments', query.vue)}
      </select>
    </div>
    <button>Filtrer</button>
  </form>`;
}

async function list(
  { run, region, query, address }: RegionRequest<Filters>,
  shown: readonly ChangeHead[],
  centres: Centres,
): Promise<Html> {
  if (shown.length === 0) return html`<p>Aucun changement ne répond à ces filtres.</p>`;
  const last = Math.ceil(shown.length / PAGE_SIZE);
  const page = Math.min(query.page, last);
  const here = shown.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const whole =
    query.vue === 'complet'
      ? new Map(
          (
            await changesByIds(
              run.db,
              region.code,
              here.map((head) => head.id),
            )
          ).map((change) => [change.id, change]),
        )
      : null;
  const back = encodeURIComponent(address);
  return html`<table class="stack">
      <caption>
        ${counted(shown.length, 'changement')}${last > 1 ? html`, page ${page} sur ${last}` : null}
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Changement</th>
          <th scope="col">État</th>
        </tr>
      </thead>
      <tbody>
        ${here.map((head) => {
          const change = whole?.get(head.id);
          return html`<tr>
              <th scope="row">
                <a href="/${region.code}/changements/${head.id}?retour=${back}">${titleOf(head, centres)}</a>
                ${identity(head, centres)}
              </th>
              <td data-label="Changement">${kindBadge(head.kind)}</td>
              <td data-label="État">${stateBadge(head.state)}</td>
            </tr>
            ${
              change === undefined
                ? null
                : html`<tr class="inner">
                    <td colspan="3">${elementRows(change, run.config.codes, titleOf(head, centres))}</td>
                  </tr>`
            }`;
        })}
      </tbody>
    </table>
    ${pager(page, last, (to) => listAddress(region.code, query, { page: to }), 'la liste')}`;
}
