import type { StoredChange } from '../../db/changes.js';
import { html, type Html } from '../../domain/html.js';
import { nameOf } from '../../runs/centre-list.js';
import type { CentreIdentity } from '../../runs/report.js';

/** The cards of the centres that a change is about. */
export function cardLinks(
  region: string,
  { centres }: Pick<StoredChange, 'centres'>,
  known: Readonly<Record<string, CentreIdentity>>,
): Html {
  return html`<p>
    ${centres.map((id) => {
      const centre = known[id];
      const name = centre === undefined ? id : nameOf(centre);
      return html`<a href="/${region}/centres/${id}">Fiche du centre : ${name}</a> `;
    })}
  </p>`;
}
