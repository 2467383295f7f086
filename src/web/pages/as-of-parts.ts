import type { SaidInterval } from '../../db/centre-history.js';
import type { StoredChange } from '../../db/changes.js';
import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { labelText, type CentreObservation } from '../../domain/centre.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { locatorText } from '../../domain/locator.js';
import { frenchDay, momentText } from '../../domain/time.js';
import { CodeBook } from '../../ror/codes.js';
import { termOf, termRank } from '../../ror/terms.js';
import type { AsOf } from '../../runs/as-of.js';
import type { Happening } from '../../runs/as-of-events.js';
import { dayOf } from '../../runs/merged-centre.js';
import { placeOf } from './centre-parts.js';
import { allNew, elementRows, shown } from './elements.js';
import { kindBadge, stateBadge } from './parts.js';

/** What each list said, with the delivery that it came in by. */
export function listsThen({ said }: AsOf, caption: string): Html {
  if (said.length === 0)
    return html`<p>Rien : aucune liste lue par filror ne disait ce centre à cette date.</p>`;
  return html`<table class="stack">
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Source</th>
        <th scope="col">Label</th>
        <th scope="col">Centre</th>
        <th scope="col">Filière</th>
        <th scope="col">Établissement</th>
      </tr>
    </thead>
    <tbody>
      ${said.map((interval) => saidRow(interval))}
    </tbody>
  </table>`;
}

function saidRow({ source, content, locator, from }: SaidInterval): Html {
  const observation = JSON.parse(content) as CentreObservation;
  const { label, network, title, filiere } = observation;
  return html`<tr>
    <th scope="row">
      ${source}
      <div class="identity">
        <span>${locatorText(locator)}</span><span>${frenchDay(dayOf(from))}</span
        ><span>reçu le ${momentText(from.fetchedAt)}</span>
      </div>
    </th>
    <td data-label="Label">${labelText(label)}</td>
    <td data-label="Centre">${network === null ? null : `${network} – `}${title}</td>
    <td data-label="Filière" class="word">${filiere}</td>
    <td data-label="Établissement">${placeOf(observation)}</td>
  </tr>`;
}

/** The changes that were open, in the state that they had. */
export function proposedThen(
  region: string,
  open: readonly { readonly change: StoredChange; readonly state: AsOf['open'][number]['state'] }[],
  codes: readonly CodeSystemConfig[],
): Html {
  if (open.length === 0) return html`<p>Rien : aucun changement n’était ouvert à cette date.</p>`;
  return html`${open.map(
    ({ change, state }) =>
      html`<h3><a href="/${region}/changements/${change.id}">Changement ${change.id}</a></h3>
        <p>
          ${kindBadge(change.kind)}
          ${state === null ? html`<span class="badge plain">état non connu</span>` : stateBadge(state)} ouvert
          le ${momentText(change.openedAt)}
        </p>
        ${
          state === null
            ? html`<p>
                L’état de ce changement à cette date n’a pas été gardé : ni le journal ni les décisions ne le
                disent.
              </p>`
            : null
        }
        ${elementsThen(change, codes)}`,
  )}`;
}

const BEFORE = 'Dans le ROR, au moment du calcul';

/** Which elements, in a sentence; their values folded: a page may tell several changes of fifteen elements each. */
function elementsThen(change: StoredChange, codes: readonly CodeSystemConfig[]): Html {
  const { id, elements } = change;
  const terms = [...elements].sort((a, b) => termRank(a.key) - termRank(b.key)).map(({ key }) => termOf(key));
  const bare = allNew(change);
  return html`<p>
      ${counted(elements.length, 'élément')} : ${[...new Set(terms)].join(', ')}.
      ${bare ? html`${BEFORE} : rien de tout cela.` : null}
    </p>
    <details>
      <summary>Voir les valeurs du changement ${id}, et d’où elles viennent</summary>
      ${elementRows(change, codes, `changement ${id}`, bare ? { shown: false } : { shown: true, heading: BEFORE })}
    </details>`;
}

/** What filror gave beside the ROR. */
export function servedThen({ offers }: AsOf, systems: readonly CodeSystemConfig[]): Html {
  const codes = new CodeBook(systems);
  const rows = offers.flatMap(({ ours }) => [...ours.values()].filter(({ channel }) => channel === 'served'));
  if (rows.length === 0)
    return html`<p>Rien : filror ne servait aucun fait à côté du ROR pour ce centre à cette date.</p>`;
  return html`<table class="stack">
    <caption>
      Faits que le ROR ne sait pas dire, servis par filror
    </caption>
    <thead>
      <tr>
        <th scope="col">Fait</th>
        <th scope="col">Valeur</th>
        <th scope="col">Offre</th>
        <th scope="col">Depuis</th>
      </tr>
    </thead>
    <tbody>
      ${rows
        .sort((a, b) => termRank(a.key) - termRank(b.key))
        .map(
          ({ key, readBack, identifier, at }) =>
            html`<tr>
              <th scope="row">${termOf(key)}</th>
              <td data-label="Valeur">${shown(readBack ?? undefined, codes)}</td>
              <td data-label="Offre">${identifier}</td>
              <td data-label="Depuis">${momentText(at)}</td>
            </tr>`,
        )}
    </tbody>
  </table>`;
}

/** A line of what happened, with the way to the change and to the journal. */
export function happeningLine(region: string, { text, change, entry }: Happening, when: string): Html {
  return html`<li>
    ${when} : ${text}
    ${change === null ? null : html`<a href="/${region}/changements/${change}">Changement ${change}</a> `}
    ${entry === null ? null : html`<a href="/${region}/journal/${entry}">Écriture ${entry} du journal</a>`}
  </li>`;
}
