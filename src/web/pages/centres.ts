import { z } from 'zod';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { listCentres, nameOf, type CentreList, type ListedCentre } from '../../runs/centre-list.js';
import { withQuery } from '../query-text.js';
import { route, STAFF, type RegionRequest, type RegionRoute } from '../route.js';
import { centrePage } from './centre.js';
import { pager } from './parts.js';

/** Centres of one page of the list. */
const PAGE_SIZE = 50;

/** State of the list: all of it stands in the address, so that a view can be shared. */
const query = z.object({
  cherche: z.string().max(200).default(''),
  filiere: z.string().max(40).default(''),
  label: z.string().max(40).default(''),
  etat: z.enum(['', 'en-cours']).default(''),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
type Query = z.infer<typeof query>;

export const centresPage = route({
  method: 'GET',
  path: '/centres',
  roles: STAFF,
  menu: 'Centres',
  query,
  handle: async (request) => {
    const { run, query: asked } = request;
    const list = await listCentres(run, {
      words: asked.cherche,
      filiere: asked.filiere,
      label: asked.label,
      open: asked.etat === '' ? 'any' : 'some',
    });
    return {
      kind: 'page',
      title: `${counted(list.found.length, 'centre')} – Centres`,
      body: html`<h1>Centres</h1>
        ${list.total === null || list.total === 0 ? null : form(request, list)}
        <div id="liste">
          <p class="lead">${sentence(list)}</p>
          ${table(request, list)}
        </div>`,
    };
  },
});

export const centreRoutes: readonly RegionRoute[] = [centresPage, centrePage];

function sentence({ total, found }: CentreList): string {
  if (total === null) return 'Aucun passage encore : aucun centre n’est connu dans cette région.';
  if (total === 0) return 'Aucun centre : les listes lues n’en nomment aucun dans cette région.';
  const all = counted(total, 'centre connu', 'centres connus');
  return found.length === total
    ? `${all} dans la région.`
    : `${counted(found.length, 'centre répond', 'centres répondent')} à cette recherche, sur ${all}.`;
}

function address(region: string, asked: Query, page: number): string {
  return withQuery(`/${region}/centres`, { ...asked, page: page === 1 ? '' : page });
}

function form({ region, query: asked }: RegionRequest<Query>, list: CentreList): Html {
  const choices = (values: readonly string[], now: string): Html[] =>
    values.map(
      (value) => html`<option value="${value}" ${value === now ? html`selected` : null}>${value}</option>`,
    );
  return html`<form
    class="filters"
    method="get"
    action="/${region.code}/centres"
    role="search"
    hx-get="/${region.code}/centres"
    hx-trigger="change, submit, input delay:300ms from:#cherche"
    hx-target="#liste"
    hx-select="#liste"
    hx-swap="outerHTML"
    hx-push-url="true"
  >
    <div>
      <label for="cherche">Chercher (nom, réseau, hôpital, ville, FINESS, label, identifiant)</label>
      <input id="cherche" name="cherche" type="search" value="${asked.cherche}" maxlength="200" />
    </div>
    <div>
      <label for="filiere">Filière</label>
      <select id="filiere" name="filiere">
        <option value="">toutes</option>
        ${choices(list.filieres, asked.filiere)}
      </select>
    </div>
    <div>
      <label for="label">Label</label>
      <select id="label" name="label">
        <option value="">tous</option>
        ${choices(list.labels, asked.label)}
      </select>
    </div>
    <div>
      <label for="etat">Changements</label>
      <select id="etat" name="etat">
        <option value="">avec ou sans changement en cours</option>
        <option value="en-cours" ${asked.etat === 'en-cours' ? html`selected` : null}>
          avec un changement en cours
        </option>
      </select>
    </div>
    <button>Chercher</button>
  </form>`;
}

function table({ region, query: asked }: RegionRequest<Query>, { total, found }: CentreList): Html | null {
  if (total === null)
    return html`<p>
      La liste se remplit au premier passage :
      <a href="/${region.code}/passages">voir les passages</a>.
    </p>`;
  if (total === 0)
    return html`<p>
      Vérifiez ce que les sources ont donné :
      <a href="/${region.code}/sources">voir les sources et leur calendrier</a>.
    </p>`;
  if (found.length === 0)
    return html`<p>
      Aucun centre ne répond à cette recherche.
      <a href="/${region.code}/centres">Montrer tous les centres</a>
    </p>`;
  const last = Math.ceil(found.length / PAGE_SIZE);
  const page = Math.min(asked.page, last);
  return html`<table class="stack">
      <caption>
        ${counted(found.length, 'centre')}${last > 1 ? html`, page ${page} sur ${last}` : null}
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Label</th>
          <th scope="col">Filière</th>
          <th scope="col">Établissement</th>
          <th scope="col">Changements en cours</th>
        </tr>
      </thead>
      <tbody>
        ${found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((centre) => row(region.code, centre))}
      </tbody>
    </table>
    ${pager(page, last, (to) => address(region.code, asked, to), 'la liste des centres')}`;
}

function row(region: string, centre: ListedCentre): Html {
  const { id, label, campaign, filiere, hospital, town, eg, ej, public: whom, open } = centre;
  return html`<tr>
    <th scope="row">
      <a href="/${region}/centres/${id}">${nameOf(centre)}</a>
      <div class="identity"><span>${id}</span><span>public ${whom ?? 'non dit'}</span></div>
    </th>
    <td data-label="Label">${label}${campaign === null ? null : ` ${String(campaign)}`}</td>
    <td data-label="Filière">${filiere}</td>
    <td data-label="Établissement">
      ${[hospital, town].filter((part) => part !== null && part !== '').join(', ') || 'non dit'}
      <div class="identity"><span>FINESS ${eg ?? ej ?? 'inconnu'}</span></div>
    </td>
    <td data-label="Changements en cours">${open === 0 ? 'aucun' : String(open)}</td>
  </tr>`;
}
