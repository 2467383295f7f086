import { Readable } from 'node:stream';
import { z } from 'zod';
import { displayNames } from '../../db/people.js';
import { receivedContents, type ReceivedContent } from '../../db/received.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { frenchDay, momentText } from '../../domain/time.js';
import type { SourceAge } from '../../runs/freshness.js';
import { contentUnknown, handOut } from '../../runs/hand-out.js';
import { route, type RegionRequest } from '../route.js';
import { pager } from './parts.js';

/** Contents of one page of the list. */
const PAGE_SIZE = 50;

/** What a source gave, byte for byte: it may name people, hence for administrators only. */
export const contentsPage = route({
  method: 'GET',
  path: '/sources/:source/contenus',
  roles: ['administrator'],
  query: z.object({ page: z.coerce.number().int().min(1).max(100_000).default(1) }),
  handle: async (request) => {
    const { run, region, query, params } = request;
    const source = params['source'] ?? '';
    const at = `/${region.code}/sources/${encodeURIComponent(source)}/contenus`;
    const offset = (query.page - 1) * PAGE_SIZE;
    const { total, contents } = await receivedContents(run.db, region.code, source, {
      limit: PAGE_SIZE,
      offset,
    });
    if (total === 0 && run.config.sources[source] === undefined) throw contentUnknown(source, region.name);
    const names = await displayNames(
      run.db,
      contents.flatMap(({ importedBy }) => importedBy ?? []),
    );
    return {
      kind: 'page',
      title: `${counted(total, 'contenu reçu', 'contenus reçus')} de ${source}`,
      body: html`<p><a href="/${region.code}/sources">Revenir aux sources</a></p>
        <h1>Contenus reçus de ${source}</h1>
        <p class="lead">
          ${total === 0 ? 'Cette source n’a encore rien donné à la région.' : `${counted(total, 'contenu reçu', 'contenus reçus')}, gardés octet pour octet.`}
        </p>
        <p>
          Un contenu peut nommer des personnes : chaque téléchargement est écrit au journal, avec votre nom.
        </p>
        ${contents.length === 0 ? null : table(at, source, contents, names)}
        ${pager(query.page, Math.ceil(total / PAGE_SIZE), (page) => `${at}?page=${String(page)}`, 'la liste des contenus')}`,
    };
  },
});

export const contentFile = route({
  method: 'GET',
  path: '/sources/:source/contenus/:livraison',
  roles: ['administrator'],
  handle: async ({ run, region, params, person }) => {
    const { source = '', livraison = '' } = params;
    if (!/^\d{1,15}$/.test(livraison)) throw contentUnknown(source, region.name);
    const content = await handOut({ ...run, actor: person }, source, Number(livraison));
    return {
      kind: 'file',
      name: content.safeName,
      // Never rendered, whatever it holds.
      type: 'application/octet-stream',
      content: Readable.from(content.pieces(), { objectMode: false }),
      size: content.bytes,
      as: 'download',
      policy: "default-src 'none'; sandbox",
    };
  },
});

/** The way to the contents of each source, for those who may see them. */
export function contentLinks({ region, roles }: RegionRequest, ages: readonly SourceAge[]): Html | null {
  if (!roles.has('administrator')) return null;
  return html`<h2>Contenus reçus</h2>
    <ul>
      ${ages.map(
        ({ source }) =>
          html`<li>
            <a href="/${region.code}/sources/${encodeURIComponent(source)}/contenus"
              >Contenus reçus de ${source}</a
            >
          </li>`,
      )}
    </ul>`;
}

function table(
  at: string,
  source: string,
  contents: readonly ReceivedContent[],
  names: ReadonlyMap<string, string>,
): Html {
  return html`<table class="stack">
    <caption>
      Contenus de ${source}, du plus récent au plus ancien
    </caption>
    <thead>
      <tr>
        <th scope="col">Reçu le</th>
        <th scope="col">Fichier</th>
        <th scope="col">Taille</th>
        <th scope="col">Lignes</th>
        <th scope="col">Par</th>
        <th scope="col">Télécharger</th>
      </tr>
    </thead>
    <tbody>
      ${contents.map(
        (each) =>
          html`<tr>
            <th scope="row">
              ${momentText(each.fetchedAt)}
              <div class="identity">
                <span
                  >contenu
                  ${each.contentDate === null ? 'non daté' : `du ${frenchDay(each.contentDate)}`}</span
                >
              </div>
            </th>
            <td data-label="Fichier">
              ${each.fileName}
              <div class="identity"><span>${each.origin}</span><span>SHA-256 ${each.sha256}</span></div>
            </td>
            <td data-label="Taille">${sizeText(each.bytes)}</td>
            <td data-label="Lignes">${each.rowsRead} lues, ${each.rowsAside} à part</td>
            <td data-label="Par">
              ${each.importedBy === null ? 'un passage' : (names.get(each.importedBy) ?? 'personne effacée')}
            </td>
            <td data-label="Télécharger">
              <a href="${at}/${each.no}" hx-boost="false" download
                >Télécharger le contenu du ${momentText(each.fetchedAt)} (n° ${each.no})</a
              >
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const NUMBER = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1 });

/** "51,8 Mo" */
function sizeText(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'octet');
  return bytes < 1_000_000 ? `${NUMBER.format(bytes / 1000)} ko` : `${NUMBER.format(bytes / 1_000_000)} Mo`;
}
