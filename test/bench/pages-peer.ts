import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { changesByIds, type StoredChange } from '../../src/db/changes.js';
import type { Db } from '../../src/db/types.js';
import type { CentreIdentity } from '../../src/runs/report.js';

/** What the peer writes of a change, with its elements or without. */
export type PeerView = 'rows' | 'elements' | 'forms';

export interface Peer {
  readonly url: string;
  /** What the next requests are answered with: the rows of these changes. */
  serve(ids: readonly string[], view: PeerView): void;
  close(): Promise<void>;
}

/**
 * The least that a page of changes can cost: a bare fastify handler that reads the very rows of the page by their keys
 * on the same pool and writes the same cells with a template string. It knows beforehand which rows those are and what
 * the centres are called; no session, rights, counts, filters, order or menu.
 */
export async function openPeer(
  db: Db,
  region: string,
  centres: Readonly<Record<string, CentreIdentity>>,
): Promise<Peer> {
  let wanted: { readonly ids: readonly string[]; readonly view: PeerView } = { ids: [], view: 'rows' };
  const app = fastify({ logger: false });
  app.get('/', async (_request, reply) => {
    const { ids, view } = wanted;
    const rows =
      view === 'elements'
        ? await changesByIds(db, region, ids)
        : ((await db('change')
            .where({ region })
            .whereRaw('id = any(?)', [[...ids]])
            .select('id', 'kind', 'state', 'target', 'centres', 'hash')) as Row[]);
    return await reply
      .type('text/html; charset=utf-8')
      .send(
        `<!doctype html><html lang="fr"><title>Changements</title><table>${rows
          .map((row) => tableRow(region, row, centres, view))
          .join('')}</table></html>`,
      );
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${String((app.server.address() as AddressInfo).port)}/`,
    serve: (ids, view) => {
      wanted = { ids, view };
    },
    close: () => app.close(),
  };
}

type Row = Pick<StoredChange, 'id' | 'kind' | 'state' | 'target' | 'centres' | 'hash'> &
  Partial<Pick<StoredChange, 'elements'>>;

function tableRow(
  region: string,
  row: Row,
  centres: Readonly<Record<string, CentreIdentity>>,
  view: PeerView,
): string {
  const own = row.centres.flatMap((id) => centres[id] ?? []);
  const last = view === 'forms' ? row.hash.slice(0, 12) : row.state;
  return `<tr><th scope="row"><a href="/${region}/changements/${row.id}">${text(own.map(({ title }) => title).join(' + '))}</a>
    ${own
      .map(
        (centre) => `<div class="identity"><span>${text(centre.label)} ${String(centre.campaign ?? '')}</span>
      <span>filière ${text(centre.filiere)}</span><span>${text(centre.hospital)}, ${text(centre.town ?? '')}</span>
      <span>FINESS ${text(centre.eg ?? centre.ej ?? '')}</span></div>`,
      )
      .join('')}
    <div class="identity"><span>${text(row.target)}</span></div></th>
    <td data-label="Changement"><span class="badge">${row.kind}</span></td>
    <td data-label="État"><span class="badge">${last}</span></td></tr>${(row.elements ?? [])
      .map(
        (
          element,
        ) => `<tr><th scope="row">${text(element.path)}</th><td>${text(JSON.stringify(element.before ?? null))}</td>
      <td>${text(JSON.stringify(element.after ?? null))}</td><td>${text(JSON.stringify(element.provenance))}</td></tr>`,
      )
      .join('')}`;
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (char) => `&#${String(char.charCodeAt(0))};`);
}
