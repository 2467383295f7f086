import { html, type Html } from '../domain/html.js';

/** One entry of the menu. */
export interface MenuItem {
  readonly label: string;
  readonly href: string;
  /** `page`: it is the page that is shown; `section`: that page stands under it; null: neither. */
  readonly current: 'page' | 'section' | null;
}

/** What one comes for: to decide, to look, to set up. Each page of the menu stands in exactly one of these. */
export const MENU_GROUPS = [
  {
    id: 'menu-travail',
    heading: 'Travail',
    pages: [
      ...['Accueil', 'Changements', 'Rapprochements', 'Déclarer', 'Accords', 'Accord de mon établissement'],
      ...['Envoi', 'À saisir', 'Signalements', 'Tableur', 'Arrêtés'],
    ],
  },
  {
    id: 'menu-regarder',
    heading: 'Regarder',
    pages: ['Centres', 'Couverture', 'Offres du ROR', 'Visible ?', 'Passages', 'Journal'],
  },
  { id: 'menu-regler', heading: 'Régler', pages: ['Sources et calendrier', 'Droits'] },
] as const;

/**
 * Entries under their headings. Where there is little room the list is folded behind « Menu »: the element that folds
 * stands before the list and holds nothing itself, so that a wide page shows the list without any script.
 */
export function menuOf(items: readonly MenuItem[]): Html | null {
  if (items.length === 0) return null;
  const here = items.find(({ current }) => current !== null);
  return html`<nav aria-label="Menu principal" class="menu">
    <details>
      <summary>Menu${here === undefined ? null : html`<span class="muted"> : ${here.label}</span>`}</summary>
    </details>
    <div class="menu-groups">
      ${MENU_GROUPS.map(({ id, heading, pages }) => {
        const found = (pages as readonly string[]).flatMap((label) =>
          items.filter((each) => each.label === label),
        );
        return found.length === 0
          ? null
          : html`<div>
              <h2 id="${id}">${heading}</h2>
              <ul aria-labelledby="${id}">
                ${found.map(entry)}
              </ul>
            </div>`;
      })}
    </div>
  </nav>`;
}

function entry({ label, href, current }: MenuItem): Html {
  const mark = current === null ? null : html` aria-current="${current === 'page' ? 'page' : 'true'}"`;
  return html`<li><a href="${href}" ${mark}>${label}</a></li>`;
}
