import { html, type Html } from '../domain/html.js';
import { withQuery } from './query-text.js';
import type { RegionRoute } from './route.js';

/** Where somebody goes from a page that refuses. */
export interface WayBack {
  readonly to: string;
  readonly text: string;
}

export const HOME: WayBack = { to: '/', text: 'Revenir à l’accueil' };
export const toForm = (to: string): WayBack => ({ to, text: 'Revenir au formulaire' });

/** Free text of the forms, as their labels call it; choices and what is hidden are not given back. */
const TYPED: Readonly<Record<string, string>> = {
  raison: 'Raison',
  par: 'Vous répondez en tant que',
  reference: 'Référence du document',
  jour: 'Jour de la réponse',
  reponse: 'Réponse',
  preuve: 'Preuve',
  service: 'Service',
  valeur: 'Numéro ou adresse',
  finess: 'Numéro FINESS',
  nom: 'Nom',
  date: 'Date',
  label: 'Label',
  intitule: 'Intitulé du centre',
  reseau: 'Acronyme du réseau',
  filiere: 'Filière',
  etablissement: 'Établissement',
  ville: 'Ville',
  responsable: 'Responsable',
  campagne: 'Campagne',
};

/**
 * The page on which the form of a POST stands: the nearest address above it, or the same, that the table shows. Said by
 * the table and by no header, so that nothing outside steers it.
 */
export function pageOfForm(
  table: readonly RegionRoute[],
  route: RegionRoute,
  address: string,
  body: unknown,
): WayBack | null {
  if (route.method !== 'POST') return null;
  const shown = new Set(table.filter(({ method }) => method === 'GET').map(({ path }) => path));
  const pattern = route.path.split('/');
  const path = (address.split('?', 1)[0] ?? '').split('/');
  while (pattern.length > 1) {
    if (shown.has(pattern.join('/'))) return toForm(withQuery(path.join('/'), placeIn(route, body)));
    pattern.pop();
    path.pop();
  }
  return null;
}

/** Which of the page's forms it was: `genre`, `centre`. */
function placeIn({ placed = [] }: RegionRoute, body: unknown): Record<string, string> {
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>;
  const given = placed.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, value.slice(0, 100)]] : [];
  });
  return Object.fromEntries(given) as Record<string, string>;
}

/** What the person had written, to copy: a refusal loses nobody's words. */
export function typedAgain(body: unknown): Html | null {
  if (typeof body !== 'object' || body === null) return null;
  const fields = body as Readonly<Record<string, unknown>>;
  const written = Object.entries(TYPED).flatMap(([name, label]) => {
    // The same name is the number of an answer in a form that asks no question.
    const own = Object.hasOwn(fields, name) && (name !== 'reponse' || Object.hasOwn(fields, 'question'));
    const value = own ? fields[name] : undefined;
    return typeof value === 'string' && value.trim() !== '' ? [{ label, value }] : [];
  });
  if (written.length === 0) return null;
  return html`<h2>Ce que vous aviez écrit</h2>
    <dl>
      ${written.map(
        ({ label, value }) =>
          html`<dt>${label}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`;
}
