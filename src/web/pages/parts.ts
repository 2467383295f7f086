import type { StoredChange } from '../../db/changes.js';
import {
  KIND_WORDS,
  offerOfTarget,
  STATE_WORDS,
  type ChangeKind,
  type ChangeState,
} from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import type { CentreIdentity } from '../../runs/report.js';

/** Sign, word and colour: never colour alone (RGAA 3.1). */
export function kindBadge(kind: ChangeKind): Html {
  const { sign, word } = KIND_WORDS[kind];
  const tone = sign === '+' ? 'add' : sign === '−' ? 'remove' : 'edit';
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

export function stateBadge(state: ChangeState): Html {
  const tone =
    state === 'conflict' || state === 'uncertain' ? 'alert' : state === 'proposed' ? 'act' : 'plain';
  return html`<span class="badge ${tone}"
    >${state === 'conflict' ? html`<span aria-hidden="true">!</span> ` : null}${STATE_WORDS[state]}</span
  >`;
}

/** Identities of the centres of the last plan (runs/planned-centres), by their id. */
export type Centres = Readonly<Record<string, CentreIdentity>>;

/** What a change is about, in a line: used in links and headings. */
export function titleOf(change: { readonly centres: readonly string[] }, centres: Centres): string {
  return change.centres
    .map((id) => {
      const centre = centres[id];
      if (centre === undefined) return id;
      return centre.network === null ? centre.title : `${centre.network} – ${centre.title}`;
    })
    .join(' + ');
}

/** Name, label, filière, hospital, town, FINESS number, offer: always shown, whatever else is hidden. */
export function identity(change: Pick<StoredChange, 'centres' | 'target'>, centres: Centres): Html {
  const offer = offerOfTarget(change.target);
  return html`${change.centres.map((id) => {
      const centre = centres[id];
      if (centre === undefined) return html`<div class="identity">${id}</div>`;
      return html`<div class="identity">
        <span>${centre.label}${centre.campaign === null ? null : ` ${String(centre.campaign)}`}</span>
        <span>filière ${centre.filiere}</span>
        <span>${centre.hospital}${centre.town === null ? null : `, ${centre.town}`}</span>
        <span>FINESS ${centre.eg ?? centre.ej ?? 'inconnu'}</span>
      </div>`;
    })}
    <div class="identity"><span>${offer === null ? 'offre à créer' : `offre ${offer}`}</span></div>`;
}

/** Links to the other pages of a list; state stays in the address. */
export function pager(
  page: number,
  last: number,
  address: (page: number) => string,
  what: string,
): Html | null {
  if (last <= 1) return null;
  return html`<nav class="pager" aria-label="Pages de ${what}">
    ${page > 1 ? html`<a href="${address(page - 1)}" rel="prev">Page précédente</a>` : null}
    <span>page ${page} sur ${last}</span>
    ${page < last ? html`<a href="${address(page + 1)}" rel="next">Page suivante</a>` : null}
  </nav>`;
}

/** A line that says what is wrong and what to do about it. */
export function alertLines(alerts: readonly { readonly message: string; readonly remedy: string }[]): Html {
  return html`<ul>
    ${alerts.map(({ message, remedy }) => html`<li>${message} <strong>Que faire :</strong> ${remedy}</li>`)}
  </ul>`;
}
