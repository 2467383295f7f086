import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { locatorText } from '../../domain/locator.js';
import { listSource, type HandedList } from '../../runs/hand-over.js';
import { termOf } from '../../ror/terms.js';
import type { RegionRequest } from '../route.js';
import { kindBadge, stateBadge } from './parts.js';

/** Rows set aside that the page shows; all are on the page of the run. */
const ASIDE_SHOWN = 200;
/** Changes that the preview shows; all are on their page once the list counts, where each is approved or not. */
const CHANGES_SHOWN = 200;

/** What a handed list would give, and the form that makes it count. */
export function handedList({ region, run, token }: RegionRequest, { file, output, hash }: HandedList): Html {
  const list = output.sources.find(({ source }) => source === listSource(run));
  const aside = list?.setAside ?? [];
  const sheet = [...aside, ...(list?.flags ?? [])].find(({ locator }) => locator.sheet !== undefined)?.locator
    .sheet;
  const missed = output.gates.filter(({ ok, level }) => !ok && level !== 'I');
  return html`<p><a href="/${region.code}/tableur">Revenir au tableur</a></p>
    <h1>Ce que cette liste donnerait</h1>
    <p class="lead">
      ${counted(list?.read ?? 0, 'ligne lue', 'lignes lues')}, ${counted(list?.kept ?? 0, 'gardée')},
      ${aside.length} à part, ${list?.outOfRegion ?? 0} hors région. ${output.plan.summary}
    </p>
    <p class="muted">
      Fichier « ${file.fileName} »${sheet === undefined ? null : html`, feuille « ${sheet} »`}, empreinte
      ${file.sha256.slice(0, 12)}, gardé pour vous 24 heures. Rien d’autre n’est encore enregistré.
    </p>
    ${
      (list?.unread ?? []).length === 0
        ? null
        : html`<p class="notice">
            Colonnes que filror ne lit pas : ${(list?.unread ?? []).map((name) => `« ${name} »`).join(', ')}.
          </p>`
    }
    ${
      missed.length === 0
        ? null
        : html`<h2>À regarder</h2>
            <ul>
              ${missed.map(({ code, message }) => html`<li>${code} : ${message}</li>`)}
            </ul>`
    }
    ${output.changes.length === 0 ? null : changesTable(output.changes)}
    ${aside.length === 0 ? null : asideTable(aside)}
    <form method="post" action="/${region.code}/tableur/liste/confirmer" class="act">
      ${token}
      <input type="hidden" name="sha256" value="${file.sha256}" />
      <input type="hidden" name="empreinte" value="${hash}" />
      <button class="primary">Faire de ce fichier la liste des centres de ${region.name}</button>
    </form>`;
}

/** Every change that the region would then have open, with what it would write. */
function changesTable(changes: HandedList['output']['changes']): Html {
  return html`<table class="stack">
      <caption>
        Changements que la région aurait alors à décider
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Changement</th>
          <th scope="col">Ce qui serait écrit</th>
        </tr>
      </thead>
      <tbody>
        ${changes.slice(0, CHANGES_SHOWN).map(
          ({ kind, state, offer, centres, elements }) =>
            html`<tr>
              <th scope="row">
                ${centres.map((centre) =>
                  'title' in centre
                    ? html`${centre.title}
                        <div class="identity">
                          <span>${centre.label}</span><span>filière ${centre.filiere}</span
                          ><span>${centre.hospital}</span>
                        </div>`
                    : centre.id,
                )}
                <div class="identity">
                  <span>${offer === null ? 'offre à créer' : `offre ${offer}`}</span>
                </div>
              </th>
              <td data-label="Changement">${kindBadge(kind)} ${stateBadge(state)}</td>
              <td data-label="Ce qui serait écrit" class="small">
                ${elements.map(({ key, text }) => html`<div>${termOf(key)} : ${text}</div>`)}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      changes.length > CHANGES_SHOWN
        ? html`<p>… et ${changes.length - CHANGES_SHOWN} autres : la page Changements les montrera tous.</p>`
        : null
    }`;
}

function asideTable(
  aside: readonly {
    locator: Parameters<typeof locatorText>[0];
    field?: string;
    message: string;
    remedy: string;
  }[],
): Html {
  return html`<table class="stack">
      <caption>
        Lignes mises à part : elles ne comptent pas, les autres si
      </caption>
      <thead>
        <tr>
          <th scope="col">Endroit</th>
          <th scope="col">Constat</th>
          <th scope="col">Que faire</th>
        </tr>
      </thead>
      <tbody>
        ${aside.slice(0, ASIDE_SHOWN).map(
          ({ locator, field, message, remedy }) =>
            html`<tr>
              <th scope="row">
                ${locatorText(locator)}${field === undefined ? null : html`, colonne « ${field} »`}
              </th>
              <td data-label="Constat">${message}</td>
              <td data-label="Que faire">${remedy}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${aside.length > ASIDE_SHOWN ? html`<p>… et ${aside.length - ASIDE_SHOWN} autres, à la page du passage.</p>` : null}`;
}
