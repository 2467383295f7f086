import { momentText } from '../../domain/time.js';
import { z } from 'zod';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { DataError } from '../../domain/errors.js';
import { draftList } from '../../runs/described-draft.js';
import { describedBy, RELATION_WORDS, type Described, type DescribedOffer } from '../../runs/described.js';
import { withQuery } from '../query-text.js';
import { route, STAFF, type RegionRequest, type RegionRoute } from '../route.js';
import { pager } from './parts.js';

const PAGE_SIZE = 50;

const SHOWN = {
  tout: 'Toutes',
  ours: 'Décrivent un centre des listes',
  asked: 'À rattacher ?',
  unlisted: 'Aucune liste ne les explique',
  desaccord: 'En désaccord avec les listes',
} as const;

const query = z.object({
  montre: z.enum(['tout', 'ours', 'asked', 'unlisted', 'desaccord']).default('tout'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
type Query = z.infer<typeof query>;

const TONES: Readonly<Record<DescribedOffer['relation'], string>> = {
  ours: 'add',
  asked: 'edit',
  unlisted: 'plain',
};

export const describedPage = route({
  method: 'GET',
  path: '/offres',
  roles: STAFF,
  menu: 'Offres du ROR',
  query,
  handle: async (request) => {
    const described = await describedBy(request.run);
    return {
      kind: 'page',
      title: 'Offres du ROR',
      body: html`<h1>Offres du ROR</h1>
        ${described.readAt === null ? neverRead() : body(request, described, described.readAt)}`,
    };
  },
});

const draftFile = route({
  method: 'GET',
  path: '/offres/liste',
  roles: STAFF,
  handle: async ({ run, region }) => {
    const { offers, readAt } = await describedBy(run);
    if (readAt === null || !offers.some(({ relation }) => relation === 'unlisted'))
      throw new DataError({
        code: 'NOTHING_UNLISTED',
        message: 'Aucune offre du répertoire n’est à expliquer : il n’y a pas de liste à commencer.',
        remedy: 'partez de la page « Offres du ROR ».',
      });
    return {
      kind: 'file',
      name: `offres-sans-liste-${region.code}.csv`,
      type: 'text/csv; charset=utf-8',
      content: draftList(offers, run.config, readAt),
      as: 'download',
    };
  },
});

export const describedRoutes: readonly RegionRoute[] = [describedPage, draftFile];

function neverRead(): Html {
  return html`<p class="lead">Le répertoire de la région n’a pas encore été lu.</p>
    <p>
      <strong>Que faire :</strong> demandez à l’exploitant de lancer « filror mirror refresh --full » au
      terminal, ou attendez le premier passage, qui le lit.
    </p>`;
}

function body(request: RegionRequest<Query>, described: Described, readAt: Date): Html {
  const { region, query: asked } = request;
  const { offers, missing, duplicates, alike } = described;
  const unlisted = offers.filter(({ relation }) => relation === 'unlisted').length;
  const different = offers.filter(({ disagreements }) => disagreements.length > 0).length;
  return html`<p class="lead">
      Répertoire lu le ${momentText(readAt)} : ${counted(offers.length, 'offre')} de maladies rares, dont
      ${counted(unlisted, 'qu’aucune liste n’explique', 'qu’aucune liste n’explique')} ;
      ${counted(different, 'désaccord')}.
    </p>
    ${
      missing === null
        ? html`<p>Aucune liste n’a encore été lue : ceci est l’état de départ de la région.</p>`
        : html`<p>
            ${counted(missing.length, 'centre des listes n’a', 'centres des listes n’ont')} aucune offre :
            <a href="/${region.code}/couverture">voir la couverture</a>.
          </p>`
    }
    ${
      unlisted === 0
        ? null
        : html`<p>
            <a href="/${region.code}/offres/liste" download>Commencer une liste avec ces offres (CSV)</a> :
            complétez label, filière, public et campagne, puis déposez-la page
            <a href="/${region.code}/tableur">Tableur</a>.
          </p>`
    }
    ${doubles(duplicates, alike)} ${form(request)} ${table(region.code, asked, wanted(offers, asked))}`;
}

function doubles(duplicates: Described['duplicates'], alike: Described['alike']): Html | null {
  if (duplicates.length + alike.length === 0) return null;
  return html`<h2>Peut-être en double</h2>
    <ul>
      ${duplicates.map(
        ({ number, ids }) =>
          html`<li>
            Le numéro ${number} est porté par ${String(ids.length)} ressources (${ids.join(', ')}).
            <strong>Que faire :</strong> demandez au GRADeS de corriger le doublon.
          </li>`,
      )}
      ${alike.map(
        (identifiers) =>
          html`<li>
            ${identifiers.join(', ')} : même site, mêmes familles, même niveau.
            <strong>Que faire :</strong> demandez à l’établissement si c’est une seule consultation.
          </li>`,
      )}
    </ul>`;
}

function form({ region, query: { montre } }: RegionRequest<Query>): Html {
  return html`<form class="filters" method="get" action="/${region.code}/offres">
    <div>
      <label for="montre">Montrer</label>
      <select id="montre" name="montre">
        ${Object.entries(SHOWN).map(
          ([value, word]) =>
            html`<option value="${value}" ${value === montre ? html`selected` : null}>${word}</option>`,
        )}
      </select>
    </div>
    <button>Montrer ces offres</button>
  </form>`;
}

function wanted(offers: readonly DescribedOffer[], { montre }: Query): readonly DescribedOffer[] {
  if (montre === 'tout') return offers;
  if (montre === 'desaccord') return offers.filter(({ disagreements }) => disagreements.length > 0);
  return offers.filter(({ relation }) => relation === montre);
}

function table(region: string, asked: Query, offers: readonly DescribedOffer[]): Html {
  if (offers.length === 0) return html`<p>Aucune offre de cette sorte.</p>`;
  const last = Math.ceil(offers.length / PAGE_SIZE);
  const page = Math.min(asked.page, last);
  return html`<table class="stack">
      <caption>
        ${counted(offers.length, 'offre')}${last > 1 ? html`, page ${page} sur ${last}` : null}
      </caption>
      <thead>
        <tr>
          <th scope="col">Offre</th>
          <th scope="col">Site</th>
          <th scope="col">Ce qu’elle dit</th>
          <th scope="col">D’après les listes</th>
        </tr>
      </thead>
      <tbody>
        ${offers.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((offer) => row(region, offer))}
      </tbody>
    </table>
    ${pager(page, last, (to) => withQuery(`/${region}/offres`, { montre: asked.montre, page: to }), 'la liste des offres')}`;
}

function row(region: string, offer: DescribedOffer): Html {
  const { identifier, name, eg, site, signs, levels, relation, centres, disagreements } = offer;
  return html`<tr>
    <th scope="row">
      ${name || 'offre sans nom'}
      <div class="identity"><span>${identifier}</span></div>
    </th>
    <td data-label="Site">
      ${site === null ? 'inconnu' : [site.name, site.town].filter((part) => part !== null).join(', ')}
      <div class="identity"><span>FINESS ${eg ?? 'inconnu'}</span></div>
    </td>
    <td data-label="Ce qu’elle dit">
      ${signs.length === 0 ? 'plus rien de rare' : signs.join(' ; ')}${levels.length === 0 ? null : ` ; niveau ${levels.join(', ')}`}
    </td>
    <td data-label="D’après les listes">
      <span class="badge ${TONES[relation]}">${RELATION_WORDS[relation]}</span>
      ${centres.map(({ id, name: centre }) => html`<div><a href="/${region}/centres/${id}">${centre}</a></div>`)}
      ${disagreements.map(
        ({ offer: said, lists }) =>
          html`<div>Désaccord : l’offre dit ${said}, les listes disent ${lists}.</div>`,
      )}
    </td>
  </tr>`;
}
