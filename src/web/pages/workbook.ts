import { z } from 'zod';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { answer } from '../../runs/act.js';
import { acceptList, tryList, type HandedList, isListConfigured } from '../../runs/hand-over.js';
import {
  centresWorkbook,
  confirmedAnswers,
  emptyList,
  workbookDiff,
  type WorkbookDiff,
} from '../../runs/workbook.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ANSWER_FIELDS, titleOf as columnTitle } from '../../workbook/columns.js';
import type { WorkbookFault } from '../../workbook/read.js';
import { chosenFile } from '../chosen-file.js';
import {
  ANSWERERS,
  mayAnswer,
  route,
  STAFF,
  type Answer,
  type RegionRequest,
  type RegionRoute,
} from '../route.js';
import { titleOf, type Centres } from './parts.js';
import { shownHash } from './shown.js';
import { handedList } from './workbook-list.js';

const MAX_BYTES = 16 * 1024 ** 2;
const CONFIRM_BYTES = 2 * 1024 ** 2;
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const upload = { field: 'fichier', maxBytes: MAX_BYTES } as const;

const page = route({
  method: 'GET',
  path: '/tableur',
  roles: STAFF,
  menu: 'Tableur',
  handle: async (request) => {
    const { region } = request;
    const count = Object.keys(await plannedCentres(request.run)).length;
    const may = mayAnswer(request);
    return {
      kind: 'page',
      title: 'Tableur',
      body: html`<h1>Tableur</h1>
        <h2>Nos centres</h2>
        <p>
          Une ligne par centre, avec son identifiant. Complétez public, site, champ d’activité, familles ou
          campagne dans votre tableur, puis redéposez le classeur ici. Une cellule vide ne change rien.
        </p>
        ${
          count === 0
            ? html`<p>Aucun centre n’est encore connu : commencez par une liste, ci-dessous.</p>`
            : html`<p>
                <a href="/${region.code}/tableur/centres.xlsx"
                  >Télécharger le classeur de nos centres (${counted(count, 'ligne')}, XLSX)</a
                >
              </p>`
        }
        ${
          may
            ? sendForm(request, {
                to: 'apercu',
                label: 'Classeur complété (XLSX)',
                button: 'Montrer ce que ce classeur changerait',
                accept: '.xlsx',
              })
            : html`<p>Redéposer le classeur demande le droit d’opérateur ou de valideur.</p>`
        }
        <h2>Premier jour d’une région : la liste des centres</h2>
        <p>
          Un modèle vide, dont les colonnes sont celles que filror lit. Remplissez-le, ou déposez votre propre
          liste (XLSX ou CSV).
        </p>
        <p><a href="/${region.code}/tableur/modele.xlsx">Télécharger le modèle de liste (XLSX)</a></p>
        ${
          may
            ? html`<p>
                  La liste déposée remplace la précédente : rien n’est fermé du seul fait qu’elle ne dit plus
                  un centre.
                </p>
                ${
                  isListConfigured(request.run)
                    ? html`<p class="notice">
                        La liste de cette région est aussi lue à un endroit configuré (sources.yaml) : le
                        prochain passage reprendra celle de cet endroit. Demandez à l’exploitant de l’y
                        remplacer, ou d’ôter cet endroit.
                      </p>`
                    : null
                }
                ${sendForm(request, {
                  to: 'liste',
                  label: 'Liste de centres (XLSX ou CSV)',
                  button: 'Montrer ce que cette liste donnerait',
                  accept: '.xlsx,.csv',
                })}`
            : html`<p>Déposer une liste demande le droit d’opérateur ou de valideur.</p>`
        }`,
    };
  },
});

const centresFile = route({
  method: 'GET',
  path: '/tableur/centres.xlsx',
  roles: STAFF,
  handle: async ({ run, region }) => file(`centres-${region.code}.xlsx`, await centresWorkbook(run)),
});

const templateFile = route({
  method: 'GET',
  path: '/tableur/modele.xlsx',
  roles: STAFF,
  handle: async ({ run, region }) => file(`modele-liste-${region.code}.xlsx`, await emptyList(run)),
});

/** Shows; records nothing. */
const preview = route({
  method: 'POST',
  path: '/tableur/apercu',
  roles: ANSWERERS,
  upload,
  handle: async (request) => {
    const { name, bytes } = chosenFile(request);
    return shownDiff(
      request,
      name,
      await workbookDiff(request.run, name, bytes),
      await plannedCentres(request.run),
    );
  },
});

const edit = z.strictObject({
  centre: z.string().max(100),
  field: z.enum(ANSWER_FIELDS),
  before: z.string().max(2000),
  after: z.string().min(1).max(2000),
  proof: z.string().max(2000).nullable(),
});
const edits = z.array(edit).min(1).max(20_000);

const confirm = route({
  method: 'POST',
  path: '/tableur/confirmer',
  roles: ANSWERERS,
  bodyLimit: CONFIRM_BYTES,
  form: z.object({
    empreinte: shownHash,
    modifications: z
      .string()
      .max(CONFIRM_BYTES)
      .transform((text, context) => {
        try {
          return JSON.parse(text) as unknown;
        } catch {
          context.addIssue({ code: 'custom', message: 'illisible' });
          return z.NEVER;
        }
      })
      .pipe(edits),
  }),
  handle: async ({ run, region, form }) => {
    const { modifications, empreinte } = form;
    // Looked at again once nobody else can answer: two people who saw the same empty cell do not overwrite each other.
    const { report } = await answer(run, (held) => confirmedAnswers(held, modifications, empreinte));
    return {
      kind: 'seeOther',
      to: `/${region.code}/changements`,
      notice: `${counted(modifications.length, 'réponse enregistrée', 'réponses enregistrées')} depuis le classeur : ${report.summary} Vous en êtes l’auteur : une autre personne approuvera.`,
    };
  },
});

/** The bytes are kept for a confirmation, the run is tried; nothing else is. */
const listPreview = route({
  method: 'POST',
  path: '/tableur/liste',
  roles: ANSWERERS,
  upload,
  handle: async (request) => {
    const list: HandedList = await tryList(request.run, chosenFile(request));
    return { kind: 'page', title: 'Ce que cette liste donnerait – Tableur', body: handedList(request, list) };
  },
});

const listConfirm = route({
  method: 'POST',
  path: '/tableur/liste/confirmer',
  roles: ANSWERERS,
  form: z.object({ empreinte: shownHash, sha256: shownHash }),
  handle: async ({ run, region, form }) => {
    const output = await acceptList(run, form.sha256, form.empreinte);
    return {
      kind: 'seeOther',
      to: `/${region.code}/passages/${output.run}`,
      notice: `Liste enregistrée. ${output.plan.summary}`,
    };
  },
});

export const workbookRoutes: readonly RegionRoute[] = [
  page,
  centresFile,
  templateFile,
  preview,
  confirm,
  listPreview,
  listConfirm,
];

function file(name: string, content: Buffer): Answer {
  return { kind: 'file', name, type: XLSX, content, as: 'download' };
}

function sendForm(
  { region, token }: RegionRequest,
  form: { readonly to: string; readonly label: string; readonly button: string; readonly accept: string },
): Html {
  return html`<form
    method="post"
    action="/${region.code}/tableur/${form.to}"
    enctype="multipart/form-data"
    class="act"
  >
    ${token}
    <label for="fichier-${form.to}">${form.label}</label>
    <input id="fichier-${form.to}" name="fichier" type="file" accept="${form.accept}" required />
    <div><button>${form.button}</button></div>
  </form>`;
}

function shownDiff(request: RegionRequest, name: string, diff: WorkbookDiff, centres: Centres): Answer {
  const { region, token } = request;
  const { edits: made, faults, unchanged, hash } = diff;
  const touched = new Set(made.map(({ centre }) => centre)).size;
  return {
    kind: 'page',
    title: `${counted(made.length, 'modification')} – Tableur`,
    body: html`<p><a href="/${region.code}/tableur">Revenir au tableur</a></p>
      <h1>Ce que ce classeur changerait</h1>
      <p class="lead">
        ${counted(made.length, 'modification')} sur ${counted(touched, 'centre')},
        ${counted(unchanged, 'ligne inchangée', 'lignes inchangées')},
        ${faults.length === 0 ? 'rien à corriger' : counted(faults.length, 'point à corriger', 'points à corriger')}.
      </p>
      <p class="muted">Fichier « ${name} ». Rien n’est encore enregistré.</p>
      ${faults.length === 0 ? null : faultsTable(faults)}
      ${
        made.length === 0
          ? html`<p>Ce classeur ne change rien : il n’y a rien à confirmer.</p>`
          : html`${editsTable(made, centres)}
              <form method="post" action="/${region.code}/tableur/confirmer" class="act">
                ${token}
                <input type="hidden" name="empreinte" value="${hash}" />
                <input type="hidden" name="modifications" value="${JSON.stringify(made)}" />
                ${faults.length === 0 ? null : html`<p>Ce qui est à corriger n’est pas compris : redéposez ces lignes ensuite.</p>`}
                <button class="primary">
                  ${made.length === 1 ? 'Confirmer la modification montrée' : `Confirmer les ${String(made.length)} modifications montrées`}
                </button>
              </form>`
      }`,
  };
}

function editsTable(made: WorkbookDiff['edits'], centres: Centres): Html {
  return html`<table class="stack">
    <caption>
      Avant et après, par centre
    </caption>
    <thead>
      <tr>
        <th scope="col">Centre</th>
        <th scope="col">Colonne</th>
        <th scope="col">Avant</th>
        <th scope="col">Après</th>
      </tr>
    </thead>
    <tbody>
      ${made.map(
        ({ centre, field, before, after, proof }) =>
          html`<tr>
            <th scope="row">
              ${titleOf({ centres: [centre] }, centres)}
              <div class="identity">
                <span>${centres[centre]?.hospital ?? ''}</span><span>${centre}</span>
              </div>
            </th>
            <td data-label="Colonne">${columnTitle(field)}</td>
            <td data-label="Avant">
              ${before === '' ? html`<span class="muted">vide</span>` : html`<del>${before}</del>`}
            </td>
            <td data-label="Après">
              <ins>${after}</ins>${proof === null ? null : html`<div class="small">Preuve : ${proof}</div>`}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function faultsTable(faults: readonly WorkbookFault[]): Html {
  return html`<table class="stack">
    <caption>
      À corriger dans le classeur : rien de ceci n’est pris
    </caption>
    <thead>
      <tr>
        <th scope="col">Endroit</th>
        <th scope="col">Constat</th>
        <th scope="col">Que faire</th>
      </tr>
    </thead>
    <tbody>
      ${faults.map(
        ({ line, column, message, remedy }) =>
          html`<tr>
            <th scope="row">ligne ${line}${column === null ? null : html`, colonne « ${column} »`}</th>
            <td data-label="Constat">${message}</td>
            <td data-label="Que faire">${remedy}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
