import type { Described } from '../ror/describe.js';
import { Html, html } from '../domain/html.js';
import type { Sheet, SheetElement } from './sheet.js';

/** Readable on a screen at 200 % and on paper: a row never breaks across pages, nothing is said by colour alone. */
const CSS = new Html(`
:root { color-scheme: light; }
body { font: 1rem/1.5 "DejaVu Sans", Arial, sans-serif; color: #1a1a1a; background: #fff; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; border-bottom: 2px solid #1a1a1a; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #555; padding: .4rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { background: #eee; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dt { font-weight: bold; }
dd { margin: 0; overflow-wrap: anywhere; }
.code { font-family: "DejaVu Sans Mono", monospace; }
.paste { font-family: "DejaVu Sans Mono", monospace; border: 2px solid #1a1a1a; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; }
.small { font-size: .85rem; color: #333; }
.box { display: inline-block; width: .9em; height: .9em; border: 2px solid #1a1a1a; margin-right: .5em; vertical-align: -.1em; }
ul.plain { list-style: none; padding: 0; }
@media print {
  @page { size: A4; margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  tr, .paste, li { break-inside: avoid; }
  thead { display: table-header-group; }
  h2 { break-after: avoid; }
}
`);

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
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <title>Fiche de saisie ${sheet.change} – ${sheet.title}</title>
        <style>
          ${CSS}
        </style>
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
          <table>
            <thead>
              <tr>
                <th scope="col">Champ du ROR</th>
                <th scope="col">Aujourd’hui</th>
                <th scope="col">À saisir</th>
                <th scope="col">D’où vient la valeur</th>
              </tr>
            </thead>
            <tbody>
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
              <span class="box"></span>saisie le ____ /____ /________ , numéro d’offre ______________________
            </li>
            <li>
              <span class="box"></span>saisie autrement, à savoir :
              ______________________________________________
            </li>
            <li>
              <span class="box"></span>refusée, parce que :
              _____________________________________________________
            </li>
            <li>Fonction et service : _____________________________________________________</li>
          </ul>
          <p class="small">Forme approuvée : empreinte <span class="code">${sheet.hash}</span></p>
        </main>
      </body>
    </html> `;
  return page.text;
}

function row(element: SheetElement): Html {
  const wanted = element.after ?? element.before;
  return html`<tr>
    <th scope="row">
      ${element.term}
      <div class="small code">${element.key}</div>
    </th>
    <td>${element.before === null ? 'rien' : value(element.before)}</td>
    <td>
      <strong>${element.instruction}</strong>${
        element.paste === null
          ? wanted === null || element.act === 'remove'
            ? null
            : value(wanted)
          : html`<div class="paste">${element.paste}</div>`
      }${element.assumed ? html`<div class="small">Valeur supposée (défaut écrit) : signalez-le si elle est fausse.</div>` : null}
    </td>
    <td class="small">${element.sources.map((source) => html`<div>${source}</div>`)}</td>
  </tr> `;
}

function value({ lines, codes }: Described): Html {
  return html`${lines.map((line) => html`<div>${line}</div>`)}${codes.map(
    (each) =>
      html`<div class="small">
        code <span class="code">${each.code}</span> – ${each.label} – liste
        <span class="code">${each.system}</span>
      </div>`,
  )}`;
}
