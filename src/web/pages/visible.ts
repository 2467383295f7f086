import { z } from 'zod';
import { counted } from '../../domain/counted.js';
import { FilrorError } from '../../domain/errors.js';
import { html, type Html } from '../../domain/html.js';
import type { Consumer } from '../../followup/visible.js';
import { expectedCentres, type ExpectedCentre } from '../../runs/expected.js';
import { isMissing, visibleCentres, visibleSentence, type VisibleCentre } from '../../runs/visible.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { pager } from './parts.js';

/** Centres of one page. Each asks the ROR by its level and families, and each distinct search once. */
const PAGE_SIZE = 50;

const query = z.object({
  montre: z.enum(['tout', 'manque']).default('tout'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
type Asked = RegionRequest<z.infer<typeof query>>;

/** What the repository answered, or why it did not. */
type Looked =
  | {
      readonly kind: 'seen';
      readonly rows: readonly VisibleCentre[];
      readonly consumers: readonly Consumer[];
    }
  | { readonly kind: 'unseen'; readonly why: string; readonly remedy: string };

export const visiblePage = route({
  method: 'GET',
  path: '/visible',
  roles: STAFF,
  menu: 'Visible ?',
  query,
  handle: async (request) => {
    const sought = await expectedCentres(request.run);
    const looked = await look(request, sought);
    const heading = html`<h1>Visible dans le ROR ?</h1>`;
    if (sought.length === 0) {
      return {
        kind: 'page',
        title: 'Visible dans le ROR ?',
        body: html`${heading}
          <p>Aucune liste ne dit encore de centre dans cette région : rien n’est à chercher.</p>`,
      };
    }
    if (looked.kind === 'unseen') {
      return {
        kind: 'page',
        title: 'Visible dans le ROR ? Non vérifié',
        body: html`${heading}
          <div class="banner drift">
            <p>Le ROR n’a pas pu être interrogé : ${looked.why}</p>
            <p><strong>Que faire :</strong> ${looked.remedy}</p>
          </div>
          <p>Jusqu’à la transmission, ce que filror en sait :</p>
          ${table(
            request,
            sought.map((each) => ({ ...each, found: [] })),
            [],
          )}`,
      };
    }
    const { rows, consumers } = looked;
    const missing = rows.filter(isMissing);
    const shown = request.query.montre === 'manque' ? missing : rows;
    return {
      kind: 'page',
      title: `${counted(missing.length, 'centre')} à trouver – Visible dans le ROR ?`,
      body: html`${heading}
        <p class="lead">${visibleSentence(rows, consumers)}</p>
        <p>${finding(rows, missing)}</p>
        <p class="muted">
          La recherche d’un outil d’orientation (niveau d’expertise et famille de maladies rares), rejouée à
          l’instant sous chaque profil d’accès. Rien n’est écrit.
        </p>
        ${choice(request, rows.length, missing.length)} ${table(request, shown, consumers)}`,
    };
  },
});

async function look({ run, region, readers }: Asked, sought: readonly ExpectedCentre[]): Promise<Looked> {
  if (run.repository === null) {
    return {
      kind: 'unseen',
      why: 'ni secret ni certificat n’est configuré pour cette région.',
      remedy: 'demandez à l’exploitant de configurer l’accès au répertoire de la région.',
    };
  }
  const others = readers();
  const own = {
    name: region.name,
    accessProfile: region.repository.accessProfile,
    client: run.repository,
  };
  try {
    const consumers = [own, ...others];
    return { kind: 'seen', rows: await visibleCentres(run, sought, consumers), consumers };
  } catch (error) {
    if (!(error instanceof FilrorError)) throw error;
    return { kind: 'unseen', why: error.message, remedy: error.remedy };
  } finally {
    for (const other of others) other.client.close();
  }
}

/** What the figures say, in one sentence. */
function finding(rows: readonly VisibleCentre[], missing: readonly VisibleCentre[]): string {
  if (!rows.some((row) => row.labelled)) return 'Aucun centre n’a de label en cours : rien n’est à trouver.';
  if (missing.length === 0) return 'Tout centre labellisé est trouvé, sous chaque profil d’accès.';
  const labelled = rows.filter((row) => row.labelled).length;
  const stops = [
    { count: missing.filter((row) => !row.approved).length, text: 'sans changement approuvé' },
    {
      count: missing.filter((row) => row.approved && !row.transmitted).length,
      text: 'à transmettre',
    },
    { count: missing.filter((row) => row.transmitted).length, text: 'transmis et pourtant pas trouvé' },
  ].filter(({ count }) => count > 0);
  const where = stops.map(({ count, text }) => `${String(count)} ${text}`).join(', ');
  return `Il manque ${counted(missing.length, 'centre labellisé', 'centres labellisés')} sur ${String(labelled)} : ${where}.`;
}

function choice({ region, query: asked }: Asked, all: number, missing: number): Html {
  const link = (value: 'tout' | 'manque', text: string): Html =>
    html`<li>
      <a
        href="/${region.code}/visible${value === 'tout' ? '' : '?montre=manque'}"
        ${asked.montre === value ? html`aria-current="page"` : null}
        >${text}</a
      >
    </li>`;
  return html`<nav class="tabs" aria-label="Centres montrés">
    <ul>
      ${link('tout', `Tous (${String(all)})`)} ${link('manque', `Labellisés à trouver (${String(missing)})`)}
    </ul>
  </nav>`;
}

function table(
  { region, query: asked }: Asked,
  rows: readonly VisibleCentre[],
  consumers: readonly Pick<Consumer, 'name' | 'accessProfile'>[],
): Html {
  if (rows.length === 0) return html`<p>Aucun centre à montrer ici.</p>`;
  const last = Math.ceil(rows.length / PAGE_SIZE);
  const page = Math.min(asked.page, last);
  const heads = consumers.map(
    ({ name, accessProfile }) => `Trouvé par ${name} (profil ${String(accessProfile)})`,
  );
  return html`<table class="stack">
      <caption>
        ${counted(rows.length, 'centre')}
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Labellisé</th>
          <th scope="col">Approuvé</th>
          <th scope="col">Transmis</th>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((row) => line(row, heads))}
      </tbody>
    </table>
    ${pager(
      page,
      last,
      (to) => `/${region.code}/visible?montre=${asked.montre}&page=${String(to)}`,
      'centres',
    )}`;
}

function line(row: VisibleCentre, heads: readonly string[]): Html {
  return html`<tr>
    <th scope="row">
      ${row.network === null ? row.title : `${row.network} – ${row.title}`}
      <div class="identity">
        <span>${row.label}</span>
        <span>filière ${row.filiere}</span>
        <span>${row.hospital}</span>
        <span>${row.offer === null ? 'sans offre' : `offre ${row.offer}`}</span>
      </div>
    </th>
    <td data-label="Labellisé">${yes(row.labelled)}</td>
    <td data-label="Approuvé">${yes(row.approved)}</td>
    <td data-label="Transmis">${yes(row.transmitted)}</td>
    ${row.found.map(
      (each, at) =>
        html`<td data-label="${heads[at] ?? ''}">
          ${yes(each.found)} ${each.found ? null : html`<div class="small">${each.why ?? ''}</div>`}
        </td>`,
    )}
  </tr>`;
}

/** Word and sign: never colour alone. */
const yes = (is: boolean): Html =>
  is
    ? html`<span class="badge add"><span aria-hidden="true">=</span> oui</span>`
    : html`<span class="badge plain"><span aria-hidden="true">−</span> non</span>`;
