import { z } from 'zod';
import type { StoredChange } from '../../db/changes.js';
import { followupsOf, type FollowupEvent } from '../../db/followups.js';
import { DataError } from '../../domain/errors.js';
import { html, type Html } from '../../domain/html.js';
import { momentText, parisDay } from '../../domain/time.js';
import type { TypedOtherwise } from '../../followup/compare.js';
import { followupContext } from '../../followup/context.js';
import { assign, refuse, remind } from '../../followup/keep.js';
import { STEP_WORDS, type QueueItem, type QueueStep } from '../../followup/queue.js';
import { SHEET_POLICY, sheetPage } from '../../followup/sheet-page.js';
import type { Sheet } from '../../followup/sheet.js';
import { END_WORDS } from '../../followup/words.js';
import { CodeBook } from '../../ror/codes.js';
import { columnsOf } from '../../ror/columns.js';
import { termOf } from '../../ror/terms.js';
import { replanNow } from '../../runs/act.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { sheetsFor } from '../../runs/sheets.js';
import { HTML_TYPE } from '../frame.js';
import { ANSWERERS, STAFF, mayAnswer, route, type Answer, type RegionRequest } from '../route.js';
import { identity, kindBadge, titleOf } from './parts.js';
import { oneChange } from './find.js';
import { shownFields, shownHash } from './shown.js';
import { capital, delays, queueItems, stepBadge } from './queue.js';

const FROM_QUEUE = 'partez de la file « À saisir dans le ROR ».';

export const queueItemPage = route({
  method: 'GET',
  path: '/a-saisir/:change',
  roles: STAFF,
  handle: async (request) => {
    const { run, region } = request;
    const item = await oneItem(request);
    const { change, step } = item;
    const centres = await plannedCentres(run);
    const title = titleOf(change, centres);
    const events = (await followupsOf(run.db, region.code, [change.id])).get(change.id) ?? [];
    const at = `/${region.code}/a-saisir/${change.id}`;
    const printed = events.some((event) => event.kind === 'transmitted');
    return {
      kind: 'page',
      title: `${STEP_WORDS[step]} – ${title}`,
      body: html`<p><a href="/${region.code}/a-saisir">Revenir à la file</a></p>
        <h1>${title}</h1>
        <p>${stepBadge(step)} ${kindBadge(change.kind)}</p>
        ${identity(change, centres)} ${item.reason === null ? null : html`<p>${capital(item.reason)}.</p>`}
        ${columns(item, new CodeBook(run.config.codes), title)}
        ${
          printed
            ? html`<p>
                <a class="button" href="${at}/fiche">Ouvrir la fiche de saisie de ${title}</a>
                <a class="button" href="${at}/fiche.json">La télécharger en JSON</a>
              </p>`
            : html`<p>Sa fiche se fait à la transmission, une fois le changement approuvé et accordé.</p>`
        }
        <p>
          <a href="/${region.code}/changements/${change.id}"
            >Voir le changement, ses valeurs et leurs sources</a
          >
        </p>
        <h2>Ce qui s’est passé</h2>
        ${steps(item, events)}
        <h2>Agir</h2>
        ${forms(request, item, title)}`,
    };
  },
});

export const queueSheet = route({
  method: 'GET',
  path: '/a-saisir/:change/fiche',
  roles: STAFF,
  handle: async (request) => {
    const sheet = await oneSheet(request);
    return {
      kind: 'file',
      name: `fiche-${sheet.region.code}-${sheet.change}.html`,
      type: HTML_TYPE,
      content: sheetPage(sheet),
      as: 'page',
      // What a policy in the head of a document cannot say is said over HTTP.
      policy: `${SHEET_POLICY}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
    };
  },
});

export const queueSheetJson = route({
  method: 'GET',
  path: '/a-saisir/:change/fiche.json',
  roles: STAFF,
  handle: async (request) => {
    const sheet = await oneSheet(request);
    return {
      kind: 'file',
      name: `fiche-${sheet.region.code}-${sheet.change}.json`,
      type: 'application/json; charset=utf-8',
      content: `${JSON.stringify(sheet, null, 2)}\n`,
      as: 'download',
    };
  },
});

/** What was shown: an act is bound to it. */
const shownForm = z.object({ empreinte: shownHash });

export const assignSheet = route({
  method: 'POST',
  path: '/a-saisir/:change/confier',
  roles: ANSWERERS,
  form: shownForm.extend({ service: z.string().max(200) }),
  handle: async (request) =>
    await act(request, request.form.empreinte, async (change, title) => {
      await assign(followupContext(request.run), [change], request.form.service);
      return `Confié : ${title}.`;
    }),
});

export const remindSheet = route({
  method: 'POST',
  path: '/a-saisir/:change/relancer',
  roles: ANSWERERS,
  form: shownForm,
  handle: async (request) =>
    await act(request, request.form.empreinte, async (change, title) => {
      await remind(followupContext(request.run), [change]);
      return `Relance notée : ${title}.`;
    }),
});

export const refuseSheet = route({
  method: 'POST',
  path: '/a-saisir/:change/refuser',
  roles: ANSWERERS,
  form: shownForm.extend({ raison: z.string().max(2000) }),
  handle: async (request) =>
    await act(request, request.form.empreinte, async (change, title) => {
      await refuse(followupContext(request.run), [change], request.form.raison);
      await replanNow(request.run);
      return `Refus enregistré : ${title}. La même valeur ne sera plus proposée pour cette offre.`;
    }),
});

function steps(item: QueueItem, events: readonly FollowupEvent[]): Html {
  const words = { transmitted: 'transmis', assigned: 'confié', reminded: 'relancé', ...END_WORDS };
  return html`${delays(item)}
  ${
    events.length === 0
      ? null
      : html`<ol>
          ${events.map(({ kind, at, owner, expiresAt, reason }) => {
            const more = [
              owner === null ? null : `à ${owner}`,
              expiresAt === null ? null : `à saisir avant le ${parisDay(expiresAt)}`,
              reason,
            ].filter((part) => part !== null);
            return html`<li>
              ${momentText(at)} : ${words[kind]}${more.length === 0 ? null : `, ${more.join(', ')}`}
            </li>`;
          })}
        </ol>`
  }`;
}

/** What was typed otherwise: what stood there, what was asked, what the ROR says. */
function columns(item: QueueItem, codes: CodeBook, title: string): Html | null {
  if (item.columns.length === 0) return null;
  return html`<table class="stack">
    <caption>
      Saisi autrement que demandé : ${title}
    </caption>
    <thead>
      <tr>
        <th scope="col">Élément</th>
        <th scope="col">Avant</th>
        <th scope="col">Demandé</th>
        <th scope="col">Dans le ROR</th>
      </tr>
    </thead>
    <tbody>
      ${(item.columns as readonly TypedOtherwise[]).map(({ key, before, asked, now }) => {
        const [was, wanted, says] = columnsOf([before, asked, now], codes);
        return html`<tr>
          <th scope="row">${termOf(key)}</th>
          <td data-label="Avant">${was ?? ''}</td>
          <td data-label="Demandé">${wanted ?? ''}</td>
          <td data-label="Dans le ROR">${says ?? ''}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

const NEXT: Readonly<Record<QueueStep, string>> = {
  agreement: 'L’accord de l’établissement est attendu : suivez-le dans « Accords ».',
  disagreed:
    'L’établissement a refusé : rejetez le changement, ou enregistrez son accord s’il est revenu sur son refus.',
  ready: 'Le prochain envoi fait la fiche et la transmet.',
  transmitted: 'La saisie est attendue ; chaque relecture du ROR la cherche.',
  seen: 'Terminé : la saisie a été constatée.',
  differs:
    'Voyez avec l’établissement laquelle des deux valeurs est juste ; le prochain passage repart de ce que dit le ROR.',
  refused: 'Terminé : la même valeur n’est plus proposée pour cette offre.',
  expired: 'Terminé : ses éléments sont proposés de nouveau.',
};

function forms(request: RegionRequest, item: QueueItem, title: string): Html {
  const { region, token } = request;
  const { change, step, owner } = item;
  const next = html`<p>${NEXT[step]}</p>`;
  if (!mayAnswer(request))
    return html`${next}
      <p>Confier, relancer et refuser demandent le droit d’opérateur ou de valideur.</p>`;
  const at = `/${region.code}/a-saisir/${change.id}`;
  const hidden = shownFields(token, change);
  const assigning =
    change.state !== 'approved' && change.state !== 'transmitted'
      ? null
      : html`<form method="post" action="${at}/confier" class="act">
          ${hidden}
          <label for="service">Qui saisit : service ou fonction, sans nom ni coordonnées</label>
          <input
            id="service"
            name="service"
            required
            maxlength="200"
            value="${owner ?? ''}"
            size="40"
            aria-describedby="service-exemple"
          />
          <p id="service-exemple" class="muted small">Exemple : « référent ROR, CHU de Rouen »</p>
          <button>Confier la saisie de ${title}</button>
        </form>`;
  if (step !== 'transmitted') return html`${next} ${assigning}`;
  return html`${next} ${assigning}
    <form method="post" action="${at}/relancer" class="act">
      ${hidden}
      <p>
        Texte à envoyer : « ${reminderText(item, title)} » filror n’écrit à personne : il retient que la
        relance a été faite.
      </p>
      <button>Noter une relance pour ${title}</button>
    </form>
    <form method="post" action="${at}/refuser" class="act">
      ${hidden}
      <label for="raison">Raison du refus (exemple : « l’unité ferme en juin »)</label>
      <textarea id="raison" name="raison" required maxlength="2000" rows="2"></textarea>
      <button>Noter que ${title} ne sera pas saisi</button>
    </form>`;
}

function reminderText({ change, since, expiresAt }: QueueItem, title: string): string {
  const end = expiresAt === null ? '' : ` ; elle expire le ${parisDay(expiresAt)}`;
  return `La fiche ${change.id} (${title}), transmise le ${parisDay(since)}, n’est pas encore visible dans le ROR${end}. Merci de la saisir, ou de dire pourquoi elle ne le sera pas.`;
}

/** One act on one line, told on the line's page. @throws as the act, `CHANGE_UNKNOWN` */
async function act(
  request: RegionRequest<unknown, { empreinte: string }>,
  hash: string,
  work: (change: StoredChange, title: string) => Promise<string>,
): Promise<Answer> {
  const { run, region } = request;
  const change = await oneChange(request, FROM_QUEUE);
  const title = titleOf(change, await plannedCentres(run));
  const notice = await work({ ...change, hash }, title);
  return { kind: 'seeOther', to: `/${region.code}/a-saisir/${change.id}`, notice };
}

/** @throws DataError `CHANGE_UNKNOWN`, `LINE_UNKNOWN` */
async function oneItem(request: RegionRequest): Promise<QueueItem> {
  const change = await oneChange(request, FROM_QUEUE);
  const item = (await queueItems(request)).find((each) => each.change.id === change.id);
  if (item !== undefined) return item;
  throw new DataError({
    code: 'LINE_UNKNOWN',
    message: `Le changement ${change.id} n’est pas dans la file « À saisir dans le ROR ».`,
    remedy: 'voyez où il en est dans la liste des changements.',
  });
}

/** @throws DataError `CHANGE_UNKNOWN`, RefusalError `NOT_TRANSMITTED` */
async function oneSheet(request: RegionRequest): Promise<Sheet> {
  const [sheet] = await sheetsFor(request.run, [await oneChange(request, FROM_QUEUE)]);
  if (sheet === undefined) throw new Error('one change gives one sheet');
  return sheet;
}
