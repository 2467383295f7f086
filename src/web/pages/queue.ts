import { z } from 'zod';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { parisDay } from '../../domain/time.js';
import { queueOf, STEP_WORDS, stepCount, type QueueItem, type QueueStep } from '../../followup/queue.js';
import { END_WORDS } from '../../followup/words.js';
import { followNow } from '../../runs/follow-now.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ANSWERERS, STAFF, mayAnswer, route, type RegionRequest } from '../route.js';
import { identity, kindBadge, pager, titleOf, type Centres } from './parts.js';

/** Lines of one page of the queue. */
const PAGE_SIZE = 50;

const STEPS = Object.keys(STEP_WORDS) as QueueStep[];

/** Still under way: what ended is shown for some days, and waits for nobody. */
export const WAITING: readonly QueueStep[] = ['agreement', 'disagreed', 'ready', 'transmitted'];

/** Sign beside the word: never colour alone (RGAA 3.1). */
const STEP_SIGNS: Readonly<Record<QueueStep, { sign: string; tone: string }>> = {
  agreement: { sign: '…', tone: 'plain' },
  disagreed: { sign: '−', tone: 'remove' },
  ready: { sign: '>', tone: 'act' },
  transmitted: { sign: '…', tone: 'edit' },
  seen: { sign: '=', tone: 'add' },
  differs: { sign: '!', tone: 'alert' },
  refused: { sign: '−', tone: 'remove' },
  expired: { sign: '?', tone: 'alert' },
};

const query = z.object({
  etape: z.enum([...STEPS, '']).default(''),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});

export const queuePage = route({
  method: 'GET',
  path: '/a-saisir',
  roles: STAFF,
  menu: 'À saisir',
  query,
  handle: async (request) => {
    const { run, region, query: asked } = request;
    const items = await queueItems(request);
    const shown = items.filter(({ step }) => asked.etape === '' || step === asked.etape);
    const centres = await plannedCentres(run);
    const waiting = items.filter(({ step }) => WAITING.includes(step)).length;
    return {
      kind: 'page',
      title: `${String(waiting)} à saisir – À saisir dans le ROR`,
      body: html`<h1>À saisir dans le ROR</h1>
        <p class="lead">${queueSentence(items)}</p>
        <p>
          Ce qui est approuvé et que filror n’écrit pas lui-même : une fiche part vers qui saisit, la
          relecture du ROR constate la saisie.
          <a href="/${region.code}/a-saisir/synthese">Synthèse à imprimer</a>
        </p>
        ${stepLinks(request, items)} ${rereadForm(request)} ${table(request, shown, centres)}`,
    };
  },
});

export const rereadQueue = route({
  method: 'POST',
  path: '/a-saisir/relire',
  roles: ANSWERERS,
  handle: async ({ run, region }) => {
    const followed = await followNow(run);
    const counts = Object.entries(END_WORDS)
      .map(([end, word]) => ({ word, count: followed.filter((each) => each.end === end).length }))
      .filter(({ count }) => count > 0)
      .map(({ word, count }) => `${String(count)} ${word}`);
    const notice =
      counts.length === 0 ? 'ROR relu : rien de nouveau dans la file.' : `ROR relu : ${counts.join(', ')}.`;
    return { kind: 'seeOther', to: `/${region.code}/a-saisir`, notice };
  },
});

export async function queueItems({ run }: Pick<RegionRequest, 'run'>): Promise<QueueItem[]> {
  return await queueOf(run.db, run.region, run.config.followup, run.now());
}

/** "À saisir dans le ROR : 2 accords attendus, 3 transmis, dont 1 à relancer." */
export function queueSentence(items: readonly QueueItem[]): string {
  if (items.length === 0) return 'Rien n’est à saisir dans le ROR.';
  const counts = STEPS.map((step) => ({ step, count: items.filter((item) => item.step === step).length }))
    .filter(({ count }) => count > 0)
    .map(({ step, count }) => stepCount(step, count));
  const due = items.filter((item) => item.reminderDue).length;
  return `${counts.join(', ')}${due === 0 ? '' : ` ; ${String(due)} à relancer`}.`;
}

export function stepBadge(step: QueueStep): Html {
  const { sign, tone } = STEP_SIGNS[step];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${STEP_WORDS[step]}</span>`;
}

function stepLinks(
  { region, query: asked }: RegionRequest<z.infer<typeof query>>,
  items: readonly QueueItem[],
): Html | null {
  const present = STEPS.filter((step) => items.some((item) => item.step === step));
  if (present.length < 2) return null;
  const link = (step: QueueStep | '', text: string): Html =>
    html`<li>
      <a
        href="/${region.code}/a-saisir${step === '' ? '' : `?etape=${step}`}"
        ${asked.etape === step ? html`aria-current="page"` : null}
        >${text}</a
      >
    </li>`;
  return html`<nav class="tabs" aria-label="Étapes de la file">
    <ul>
      ${link('', `Toutes (${String(items.length)})`)}
      ${present.map((step) =>
        link(
          step,
          `${capital(STEP_WORDS[step])} (${String(items.filter((item) => item.step === step).length)})`,
        ),
      )}
    </ul>
  </nav>`;
}

function rereadForm(request: RegionRequest<unknown>): Html | null {
  const { region, token } = request;
  if (!mayAnswer(request)) return null;
  return html`<form method="post" action="/${region.code}/a-saisir/relire" class="act">
    ${token}<button>Relire le ROR et constater les saisies</button>
  </form>`;
}

function table(
  { region, query: asked }: RegionRequest<z.infer<typeof query>>,
  items: readonly QueueItem[],
  centres: Centres,
): Html {
  if (items.length === 0) return html`<p>Aucune ligne à cette étape.</p>`;
  const last = Math.ceil(items.length / PAGE_SIZE);
  const page = Math.min(asked.page, last);
  return html`<table class="stack">
      <caption>
        ${counted(items.length, 'ligne')} de la file
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Étape</th>
          <th scope="col">Qui saisit</th>
          <th scope="col">Délais</th>
        </tr>
      </thead>
      <tbody>
        ${items.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(
          (item) =>
            html`<tr>
              <th scope="row">
                <a href="/${region.code}/a-saisir/${item.change.id}">${titleOf(item.change, centres)}</a>
                ${identity(item.change, centres)}
              </th>
              <td data-label="Étape">${stepBadge(item.step)} ${kindBadge(item.change.kind)}</td>
              <td data-label="Qui saisit">${item.owner ?? 'à confier'}</td>
              <td data-label="Délais">${delays(item)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${pager(
      page,
      last,
      (to) => `/${region.code}/a-saisir?etape=${asked.etape}&page=${String(to)}`,
      'la file',
    )}`;
}

/** Age, reminder, expiry, in words. */
export function delays(item: QueueItem): Html {
  const lines = [
    `depuis ${counted(item.ageDays, 'jour')}`,
    item.remindAt === null
      ? null
      : item.reminderDue
        ? `à relancer depuis le ${parisDay(item.remindAt)}`
        : `relance le ${parisDay(item.remindAt)}`,
    item.reminders === 0 ? null : counted(item.reminders, 'relance'),
    item.expiresAt === null ? null : `expire le ${parisDay(item.expiresAt)}`,
  ].filter((line) => line !== null);
  return html`${lines.map((line) => html`<div>${line}</div>`)}`;
}

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
