import { momentText } from '../../domain/time.js';
import { z } from 'zod';
import { orderDrafts, orderProgress } from '../../db/orders.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { decideLines, type LineDecision } from '../../runs/order-decisions.js';
import { rangeText } from '../../runs/order-together.js';
import { oneDraft, proposals, readDraft } from '../../runs/orders.js';
import { PDF_LIMITS } from '../../sources/reading/pdf/limits.js';
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
import { draftLines } from './order-lines.js';
import {
  corrected,
  LINE_STATE_WORDS,
  lineFields,
  ORDER_PAGE,
  orderAddress,
  orderPlace,
  PLACED,
  type OrderPlace,
} from './order-parts.js';
import { linesNamed } from './order-together.js';

const MIB = 1024 ** 2;

const list = route({
  method: 'GET',
  path: '/arretes',
  roles: STAFF,
  menu: 'Arrêtés',
  handle: async (request) => ({
    kind: 'page',
    title: 'Arrêtés',
    body: html`<h1>Arrêtés <span class="badge plain">essai</span></h1>
      <p class="lead">
        Un arrêté de labellisation (PDF) est lu en brouillon, que vous relisez ligne à ligne. Une ligne ne
        compte qu’une fois validée, au passage suivant ; une ligne à relire ou écartée ne change rien.
      </p>
      <p>
        Essai : aucun vrai arrêté n’était disponible, la lecture est éprouvée sur des PDF d’essai de trois
        producteurs. Gardez le PDF sous les yeux.
      </p>
      <h2>Arrêtés lus</h2>
      ${await draftsTable(request)}
      <h2>Lire un arrêté</h2>
      ${mayAnswer(request) ? readForm(request) : html`<p>Lire un arrêté demande le droit d’opérateur ou de valideur.</p>`}`,
  }),
});

/** Reads it into a draft: a proposal of which nothing counts, as at the terminal. */
const read = route({
  method: 'POST',
  path: '/arretes',
  roles: ANSWERERS,
  upload: { field: 'fichier', maxBytes: PDF_LIMITS.bytes },
  form: z.object({ annee: z.string().trim().max(10).default('') }),
  handle: async (request) => {
    const { run, region, form } = request;
    const { draft, lines, known } = await readDraft(run, chosenFile(request), form.annee);
    return {
      kind: 'seeOther',
      to: orderAddress(region.code, draft.id, { etat: 'toutes', page: 1 }),
      notice: known
        ? `Ce PDF avait déjà été lu le ${momentText(draft.readAt)} : voici son brouillon, tel qu’il a été laissé.`
        : `Arrêté lu : ${counted(lines.length, 'ligne')} à relire. Rien n’en compte avant d’être validé.`,
    };
  },
});

const show = route({
  method: 'GET',
  path: '/arretes/:arrete',
  roles: STAFF,
  query: orderPlace,
  handle: async (request) => {
    const draft = await oneDraft(request.run, request.params['arrete'] ?? '');
    const lines = await proposals(request.run, draft);
    return {
      kind: 'page',
      title: `${draft.fileName} – ${LINE_STATE_WORDS[request.query.etat]} – Arrêtés`,
      body: draftLines(request, draft, lines),
    };
  },
});

const validate = route({
  method: 'POST',
  path: '/arretes/:arrete/:ligne/valider',
  roles: ANSWERERS,
  placed: PLACED,
  form: orderPlace.and(lineFields),
  handle: async (request) => {
    const { run, form, params } = request;
    const line = (await proposals(run, await oneDraft(run, params['arrete'] ?? ''))).find(
      ({ row }) => row.line === lineNumber(request),
    );
    const set = line === undefined ? {} : corrected(line, form);
    const many = Object.keys(set).length;
    const said = many === 0 ? 'validée telle quelle' : `validée, avec ${counted(many, 'correction')}`;
    return await decided(request, { kind: 'validate', set, reason: null }, said);
  },
});

const discard = route({
  method: 'POST',
  path: '/arretes/:arrete/:ligne/ecarter',
  roles: ANSWERERS,
  placed: PLACED,
  form: orderPlace.extend({ raison: z.string().trim().max(2_000).default('') }),
  handle: async (request) =>
    await decided(request, { kind: 'discard', set: {}, reason: request.form.raison }, 'écartée'),
});

const takeBack = route({
  method: 'POST',
  path: '/arretes/:arrete/:ligne/reprendre',
  roles: ANSWERERS,
  placed: PLACED,
  form: orderPlace,
  handle: async (request) =>
    await decided(request, { kind: 'undo', set: {}, reason: null }, 'reprise : elle est de nouveau à relire'),
});

const together = orderPlace.extend({ lignes: z.string().max(1_000).default('') });

/** The sure lines of one page of the PDF, as the form named them. */
const validateTogether = route({
  method: 'POST',
  path: '/arretes/:arrete/valider',
  roles: ANSWERERS,
  placed: PLACED,
  form: together,
  handle: async (request) => {
    const lines = linesNamed(request.form.lignes);
    const decision = { kind: 'validate', set: {}, reason: null } as const;
    return await decided(request, decision, 'validées telles quelles', lines);
  },
});

const takeBackTogether = route({
  method: 'POST',
  path: '/arretes/:arrete/reprendre',
  roles: ANSWERERS,
  placed: PLACED,
  form: together,
  handle: async (request) => {
    const lines = linesNamed(request.form.lignes);
    const decision = { kind: 'undo', set: {}, reason: null } as const;
    return await decided(request, decision, 'reprises : elles sont de nouveau à relire', lines);
  },
});

export const orderRoutes: readonly RegionRoute[] = [
  ...[list, read, show],
  ...[validate, discard, takeBack, validateTogether, takeBackTogether],
];

/** Zero, which no line has, for what is no number. */
function lineNumber({ params }: Pick<RegionRequest, 'params'>): number {
  const text = params['ligne'] ?? '';
  return /^[1-9][0-9]{0,6}$/.test(text) ? Number(text) : 0;
}

/** Decides the line of the address, or those that are named, and leads back to where they were shown. */
async function decided(
  request: RegionRequest<unknown, OrderPlace>,
  decision: Omit<LineDecision, 'lines'>,
  said: string,
  lines: readonly number[] = [lineNumber(request)],
): Promise<Answer> {
  const { run, region, form } = request;
  const draft = await oneDraft(run, request.params['arrete'] ?? '');
  const given = await decideLines(run, draft, { ...decision, lines });
  const progress = (await orderProgress(run.db, region.code))(draft.id);
  // A line leaves the list of a filter once it is decided: the others take its place.
  const anchor = form.etat === 'toutes' ? `#ligne-${String(given[0] ?? 0)}` : '';
  return {
    kind: 'seeOther',
    to: `${orderAddress(region.code, draft.id, form)}${anchor}`,
    notice: `${capitalised(rangeText(given))} ${said}. ${counted(progress.decided, 'ligne relue', 'lignes relues')} sur ${String(progress.lines)} ; le prochain passage en tiendra compte.`,
  };
}

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function readForm({ region, token }: RegionRequest): Html {
  return html`<form method="post" action="/${region.code}/arretes" enctype="multipart/form-data" class="act">
    ${token}
    <label for="fichier-arrete">Arrêté avec son annexe (PDF, ${PDF_LIMITS.bytes / MIB} Mio au plus)</label>
    <input id="fichier-arrete" name="fichier" type="file" accept=".pdf,application/pdf" required />
    <label for="annee">Année de la campagne de l’arrêté (quatre chiffres, par exemple 2023)</label>
    <input
      id="annee"
      name="annee"
      inputmode="numeric"
      pattern="(19|20)[0-9]{2}"
      maxlength="4"
      autocomplete="off"
      required
    />
    <div><button class="primary">Lire cet arrêté en brouillon</button></div>
  </form>`;
}

async function draftsTable({ run, region }: RegionRequest): Promise<Html> {
  const drafts = await orderDrafts(run.db, region.code);
  if (drafts.length === 0) return html`<p>Aucun arrêté lu dans cette région.</p>`;
  const progressOf = await orderProgress(run.db, region.code);
  return html`<table class="stack">
    <caption>
      ${counted(drafts.length, 'arrêté lu', 'arrêtés lus')} dans la région
    </caption>
    <thead>
      <tr>
        <th scope="col">Arrêté</th>
        <th scope="col">Campagne</th>
        <th scope="col">Lu</th>
        <th scope="col">Relecture</th>
      </tr>
    </thead>
    <tbody>
      ${drafts.map((draft) => {
        const { lines, decided: done, before } = progressOf(draft.id);
        const page = Math.floor(before / ORDER_PAGE) + 1;
        return html`<tr>
          <th scope="row">
            <a href="${orderAddress(region.code, draft.id, { etat: 'toutes', page })}">${draft.fileName}</a>
            <span class="badge plain">essai</span>
          </th>
          <td data-label="Campagne">${draft.campaign}</td>
          <td data-label="Lu">
            ${momentText(draft.readAt)}, ${counted(lines, 'ligne')} en ${counted(draft.pages, 'page')}
          </td>
          <td data-label="Relecture">
            ${counted(done, 'ligne relue', 'lignes relues')} sur ${lines},
            ${counted(lines - done, 'restante')}
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
