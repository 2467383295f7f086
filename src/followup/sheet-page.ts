import { createHash } from 'node:crypto';
import type { Described } from '../ror/describe.js';
import { Html, html } from '../domain/html.js';
import type { Sheet, SheetElement } from './sheet.js';

/**
 * Readable at 320 px, at 200 % and on paper: on a narrow screen each row is a card whose cells bear their column's name
 * (the roles keep it a table for a screen reader), a row never breaks across pages, nothing is said by colour alone.
 */
const CSS = `
:root { color-scheme: light; }
body { font: 1rem/1.5 "DejaVu Sans", Arial, sans-serif; color: #1a1a1a; background: #fff; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; border-bottom: 2px solid #1a1a1a; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { border: 1px solid #555; padding: .4rem .5rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
thead th { background: #eee; }
thead th:nth-child(1) { width: 25%; }
thead th:nth-child(2) { width: 18%; }
thead th:nth-child(4) { width: 21%; }
th .code { font-weight: normal; }
td::before { display: none; content: attr(data-label); font-weight: bold; font-size: .85rem; color: #1a1a1a; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dt { font-weight: bold; }
dd { margin: 0; overflow-wrap: anywhere; }
.code { font-family: "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.paste { font-family: "DejaVu Sans Mono", monospace; border: 2px solid #1a1a1a; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; }
.small { font-size: .85em; color: #333; }
.blank { display: inline-block; width: min(24rem, 100%); height: 1.4em; border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
.blank.short { width: 9rem; }
.box { display: inline-block; width: .9em; height: .9em; border: 2px solid #1a1a1a; margin-right: .5em; vertical-align: -.1em; }
ul.plain { list-style: none; padding: 0; }
ul.plain li { margin: .5rem 0; }
@media screen and (max-width: 40rem) {
  dl { display: block; }
  dd { margin: 0 0 .4rem; }
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 2px solid #555; margin: 0 0 1rem; padding: .25rem .5rem; }
  tbody th, td { border: 0; padding: .25rem 0; }
  td::before { display: block; }
}
@media print {
  @page { size: A4; margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; line-height: 1.35; }
  h1 { font-size: 14pt; }
  h2 { font-size: 11pt; margin: .75rem 0 .35rem; }
  th, td { padding: .2rem .35rem; }
  tr, .paste, li { break-inside: avoid; }
  thead { display: table-header-group; }
  h2 { break-after: avoid; }
}
`;
const STYLE = new Html(`<style>${CSS}</style>`);

/** Nothing but the sheet's own style, told by its hash (CSP level 3): the same policy in its head and over HTTP. */
export const SHEET_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(CSS).digest('base64')}'`;

/**
 * One page, self-contained: no script, no image, nothing fetched; the policy in its head refuses all of them. Values
 * come from lists and from the repository: everything is escaped.
 */
export function sheetPage(sheet: Sheet): string {
  const page = html`<!doctype html>
    <html lang="fr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(SHEET_POLICY)}" />
        <meta name="referrer" content="no-referrer" />
        <title>Fiche de saisie ${sheet.change} – ${sheet.title} – filror</title>
        ${STYLE}
      </head>
      <body>
        <main>
          <h1>Fiche de saisie dans le ROR – ${sheet.title}</h1>
          <p>
            Région ${sheet.region.name} (${sheet.region.code}) · changement
            <span class="code">${sheet.change}</span> · transmise le ${sheet.transmittedOn}, à saisir avant le
            ${sheet.expiresOn}.
          </p>
          <h2>L’offre</h2>
          <dl>
            <dt>Numéro d’offre</dt>
            <dd>${sheet.offer ?? 'attribué par le ROR à la création'}</dd>
            ${sheet.sites.map(
              (site) =>
                html`<dt>Établissement</dt>
                  <dd>
                    ${site.name}, ${site.town} – FINESS géographique <span class="code">${site.eg}</span>
                  </dd>`,
            )}
            ${sheet.centres.map(
              (centre) =>
                html`<dt>Centre</dt>
                  <dd>
                    ${centre.title}${centre.network === null ? null : html` (${centre.network})`} –
                    ${centre.label}${centre.campaign === null ? null : html`, campagne ${centre.campaign}`},
                    filière ${centre.filiere} – identifiant <span class="code">${centre.id}</span>
                  </dd>`,
            )}
            ${
              sheet.owner === null
                ? null
                : html`<dt>Saisie par</dt>
                    <dd>${sheet.owner}</dd>`
            }
          </dl>
          <h2>À saisir</h2>
          <table role="table">
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col">Champ du ROR</th>
                <th role="columnheader" scope="col">Aujourd’hui</th>
                <th role="columnheader" scope="col">À saisir</th>
                <th role="columnheader" scope="col">D’où vient la valeur</th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              ${sheet.elements.map(row)}
            </tbody>
          </table>
          <p>Saisissez ces éléments et eux seuls : tout le reste de l’offre demeure tel quel.</p>
          ${
            sheet.notes.length === 0
              ? null
              : html`<h2>À savoir</h2>
                  <ul>
                    ${sheet.notes.map((note) => html`<li>${note}</li>`)}
                  </ul>`
          }
          <h2>Qui l’a décidé</h2>
          <p>${sheet.approved}</p>
          <p>${sheet.agreement ?? 'Aucun accord de l’établissement n’est demandé dans cette région.'}</p>
          <h2>Après la saisie</h2>
          <p>
            Saisie conforme : il n’y a rien à renvoyer. La prochaine relecture du ROR reconnaît l’offre à la
            ligne de commentaire et clôt le changement. Sinon, renvoyez cette fiche à ${sheet.returnTo} :
          </p>
          <ul class="plain">
            <li>
              <span class="box"></span>saisie le <span class="blank short"></span>, numéro d’offre
              <span class="blank short"></span>
            </li>
            <li>
              <span class="box"></span>saisie autrement, à savoir :
              <span class="blank"></span>
            </li>
            <li>
              <span class="box"></span>refusée, parce que :
              <span class="blank"></span>
            </li>
            <li>Fonction et service : <span class="blank"></span></li>
          </ul>
          <p class="small">Forme approuvée : empreinte <span class="code">${sheet.hash}</span></p>
        </main>
      </body>
    </html> `;
  return page.text;
}

function row(element: SheetElement): Html {
  const wanted = element.after ?? element.before;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      ${element.term}
      <div class="small code">${element.key}</div>
    </th>
    <td role="cell" data-label="Aujourd’hui">${element.before === null ? 'rien' : value(element.before)}</td>
    <td role="cell" data-label="À saisir">
      <strong>${element.instruction}</strong>${
        element.paste === null
          ? wanted === null || element.act === 'remove'
            ? null
            : value(wanted)
          : html`<div class="paste">${element.paste}</div>`
      }${element.assumed ? html`<div class="small">Valeur supposée (défaut écrit) : signalez-le si elle est fausse.</div>` : null}
    </td>
    <td role="cell" data-label="D’où vient la valeur" class="small">
      ${element.sources.map((source) => html`<div>${source}</div>`)}
    </td>
  </tr> `;
}

function value({ lines, codes }: Described): Html {
  return html`${lines.map((line) => html`<div>${line}</div>`)}${codes.map(
    (each) =>
      html`<div class="small">
        code <span class="code">${each.code}</span>, liste <span class="code">${each.system}</span>
      </div>`,
  )}`;
}
