import { html, type Html } from '../../domain/html.js';
import { locatorText } from '../../domain/locator.js';
import { listSource, type HandedList } from '../../runs/hand-over.js';
import type { RegionRequest } from '../route.js';
import { counted } from './parts.js';

/** Rows set aside that the page shows; all are on the page of the run. */
const ASIDE_SHOWN = 200;

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
      Fichier « ${file.fileName} »${sheet === undefined ? null : html`, feuille « ${sheet} »`}, conservé sous
      l’empreinte ${file.sha256.slice(0, 12)}. Rien d’autre n’est encore enregistré.
    </p>
    ${
      missed.length === 0
        ? null
        : html`<h2>À regarder</h2>
            <ul>
              ${missed.map(({ code, message }) => html`<li>${code} : ${message}</li>`)}
            </ul>`
    }
    ${aside.length === 0 ? null : asideTable(aside)}
    <form method="post" action="/${region.code}/tableur/liste/confirmer" class="act">
      ${token}
      <input type="hidden" name="sha256" value="${file.sha256}" />
      <input type="hidden" name="nom" value="${file.fileName}" />
      <input type="hidden" name="empreinte" value="${hash}" />
      <button class="primary">Faire de ce fichier la liste des centres de ${region.name}</button>
    </form>`;
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
