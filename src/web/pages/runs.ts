import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { findRun, runHeads, stepsOf, type RunHead, type RunRow, type RunStep } from '../../db/runs.js';
import { progressOf, type RunProgress } from '../../db/run-progress.js';
import { counted } from '../../domain/counted.js';
import type { GateResult } from '../../domain/gates.js';
import { html, type Html } from '../../domain/html.js';
import { locatorText } from '../../domain/locator.js';
import { frenchDay, momentText, parisClock } from '../../domain/time.js';
import type { RunReport, SourceReport, SyncOutput } from '../../runs/report.js';
import { sync } from '../../runs/sync.js';
import { toldRun } from '../../runs/told-run.js';
import { claimKind } from '../../schedule/request.js';
import { csvText } from '../../domain/csv.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { atWork, workerOf, type AtWork } from '../scheduling.js';
import { alertLines, pager } from './parts.js';

const RUNS_SHOWN = 30;
/** Rows set aside that a page shows; all of them are in the file to download. */
const ASIDE_SHOWN = 100;

const STATES: Readonly<Record<RunRow['state'], { readonly word: string; readonly tone: string }>> = {
  running: { word: 'en cours', tone: 'act' },
  done: { word: 'terminé', tone: 'add' },
  unchanged: { word: 'rien de nouveau', tone: 'plain' },
  failed: { word: 'en échec', tone: 'alert' },
};
const KINDS: Readonly<Record<RunRow['kind'], string>> = {
  sync: 'synchronisation',
  replan: 'plan recalculé',
  technical: 'reprise technique',
};
const STEPS: Readonly<Record<string, string>> = {
  read: 'lecture des listes',
  plan: 'plan',
  mirror: 'miroir',
};

export const runsPage = route({
  method: 'GET',
  path: '/passages',
  roles: STAFF,
  menu: 'Passages',
  query: z.object({ page: z.coerce.number().int().min(1).max(100_000).default(1) }),
  handle: async (request) => {
    const { run, region, query, roles } = request;
    const offset = (query.page - 1) * RUNS_SHOWN;
    const { total, heads } = await runHeads(run.db, region.code, { limit: RUNS_SHOWN, offset });
    const last = Math.max(1, Math.ceil(total / RUNS_SHOWN));
    return {
      kind: 'page',
      title: `${counted(total, 'passage')} – Passages`,
      body: html`<h1>Passages</h1>
        <p class="lead">${newest(heads[0])}</p>
        ${roles.has('operator') ? startForms(request) : html`<p>Lancer un passage demande le droit d’opérateur.</p>`}
        ${heads.length === 0 ? null : table(region.code, heads)}
        ${pager(query.page, last, (page) => `/${region.code}/passages?page=${String(page)}`, 'la liste des passages')}`,
    };
  },
});

export const startRunPost = route({
  method: 'POST',
  path: '/passages',
  roles: ['operator'],
  form: z.object({ essai: z.enum(['oui', 'non']) }),
  handle: async (request) => {
    const { run, region, form, person, log } = request;
    if (form.essai === 'oui') return trial(request, await sync(run, { replaced: new Map() }, 'dry'));
    const claim = await claimKind(workerOf({ run, log }), region, 'sync', person);
    const id = claim.slot.runId ?? '';
    const { end, over } = atWork(request, claim);
    // Until the run has its row, its page cannot be opened.
    while (!end.over && (await findRun(run.db, region.code, id)) === null) await sleep(LOOK_MS);
    await Promise.race([over, sleep(SOON_MS)]);
    return { kind: 'seeOther', ...whither(region.code, id, end) };
  },
});

export const runPage = route({
  method: 'GET',
  path: '/passages/:run',
  roles: STAFF,
  handle: async (request) => {
    const { run, region, params } = request;
    const { row, report } = await toldRun(run, params['run'] ?? '');
    const { word, tone } = STATES[row.state];
    const steps = await stepsOf(run.db, region.code, row.id);
    const title = `Passage du ${momentText(row.started_at)}`;
    return {
      kind: 'page',
      title: `${word} – ${title}`,
      body: html`<p><a href="/${region.code}/passages">Revenir aux passages</a></p>
        <h1>${title}</h1>
        <p>
          <span class="badge ${tone}">${word}</span> ${KINDS[row.kind]},
          ${lasted(row.started_at, row.finished_at)}
        </p>
        ${row.same_as === null ? null : html`<p>Rien n’avait changé : le résultat est celui du passage <a href="/${region.code}/passages/${row.same_as}">${row.same_as}</a>.</p>`}
        ${failure(row)} ${row.state === 'running' ? await advance(request, row.id) : null}
        ${report === null ? null : html`<p class="lead">${report.summary}</p>`} ${timeline(steps)}
        ${report === null ? null : found(request, row.id, report)}
        <p class="muted small">Passage ${row.id}</p>`,
    };
  },
});

export const setAsideFile = route({
  method: 'GET',
  path: '/passages/:run/mises-a-part',
  roles: STAFF,
  handle: async ({ run, params }) => {
    const { row, report } = await toldRun(run, params['run'] ?? '');
    const head = ['source', 'endroit', 'code', 'champ', 'valeur', 'constat', 'que faire'];
    const rows = (report?.sources ?? []).flatMap(({ source, setAside }) =>
      setAside.map((fault) => [
        source,
        locatorText(fault.locator),
        fault.code,
        fault.field ?? '',
        fault.value ?? '',
        fault.message,
        fault.remedy,
      ]),
    );
    return {
      kind: 'file',
      name: `mises-a-part-${row.id}.csv`,
      type: 'text/csv; charset=utf-8',
      content: csvText([head, ...rows]),
      as: 'download',
    };
  },
});

/** A short run is told with its end, a longer one with its page, which follows it. */
const SOON_MS = 1_500;
const LOOK_MS = 25;

function whither(region: string, id: string, { ended, over }: AtWork['end']): { to: string; notice: string } {
  const page = `/${region}/passages/${id}`;
  if (!over)
    return { to: page, notice: 'Passage commencé : cette page suit son avancement. Vous pouvez la quitter.' };
  if (ended === null) return { to: `/${region}/passages`, notice: 'Ce passage a échoué : voyez sa page.' };
  if (ended === 'lost')
    return { to: `/${region}/passages`, notice: 'Un autre processus a repris ce passage.' };
  return {
    to: page,
    notice: ended.error === null ? 'Passage terminé.' : `Passage en échec : ${ended.error.message}`,
  };
}

function newest(head: RunHead | undefined): string {
  if (head === undefined) return 'Aucun passage encore : rien n’a été collecté pour cette région.';
  return `Dernier passage le ${momentText(head.startedAt)} : ${STATES[head.state].word}. ${head.errorMessage ?? head.summary ?? ''}`;
}

function startForms({ region, token }: RegionRequest): Html {
  const form = (trialRun: 'oui' | 'non', text: string): Html =>
    html`<form class="act" method="post" action="/${region.code}/passages">
      ${token}<input type="hidden" name="essai" value="${trialRun}" />
      <button ${trialRun === 'non' ? html`class="primary"` : null}>${text}</button>
    </form>`;
  return html`<p>Un passage lit les listes et le répertoire, puis propose un plan ; il n’envoie rien.</p>
    ${form('non', 'Lancer un passage maintenant')} ${form('oui', 'Faire un essai à blanc (rien n’est gardé)')}`;
}

function table(region: string, heads: readonly RunHead[]): Html {
  return html`<table class="stack">
    <caption>
      Passages, du plus récent au plus ancien
    </caption>
    <thead>
      <tr>
        <th scope="col">Début</th>
        <th scope="col">État</th>
        <th scope="col">Durée</th>
        <th scope="col">Résultat</th>
        <th scope="col">À regarder</th>
      </tr>
    </thead>
    <tbody>
      ${heads.map(
        (head) =>
          html`<tr>
            <th scope="row">
              <a href="/${region}/passages/${head.id}">${momentText(head.startedAt)}</a>
              <div class="identity"><span>${KINDS[head.kind]}</span></div>
            </th>
            <td data-label="État">
              <span class="badge ${STATES[head.state].tone}">${STATES[head.state].word}</span>
            </td>
            <td data-label="Durée">${lasted(head.startedAt, head.finishedAt)}</td>
            <td data-label="Résultat">${head.errorMessage ?? head.summary ?? '–'}</td>
            <td data-label="À regarder">${toLookAt(head)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function toLookAt({ gatesMissed, rowsAside, alerts }: RunHead): string {
  const parts = [
    gatesMissed > 0 ? counted(gatesMissed, 'contrôle non tenu', 'contrôles non tenus') : null,
    rowsAside > 0 ? counted(rowsAside, 'ligne mise à part', 'lignes mises à part') : null,
    alerts > 0 ? counted(alerts, 'alerte') : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'contrôles tenus' : parts.join(', ');
}

/** "12 s", "3 min 05 s" */
export function lasted(from: Date, to: Date | null): string {
  if (to === null) return 'pas encore fini';
  const ms = to.getTime() - from.getTime();
  if (ms < 1000) return 'moins d’une seconde';
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
}

function failure({ state, error }: RunRow): Html | null {
  if (state !== 'failed') return null;
  const { code, message, remedy } = error as { code?: string; message?: string; remedy?: string };
  return html`<div class="banner refusal">
    <p>${message ?? 'Ce passage a échoué.'}</p>
    ${remedy === undefined ? null : html`<p><strong>Que faire :</strong> ${remedy}</p>`}
    <p class="muted small">Code ${code ?? 'inconnu'}. Rien n’a été changé par ce passage.</p>
  </div>`;
}

/** How far it is: read again every two seconds where scripts run, by its link elsewhere. */
async function advance({ run, region }: RegionRequest, id: string): Promise<Html> {
  const at = `/${region.code}/passages/${id}`;
  const told = await progressOf(run.db, region.code, id);
  return html`<section
    id="avancement"
    aria-live="polite"
    hx-get="${at}"
    hx-trigger="every 2s"
    hx-target="main"
    hx-select="main"
    hx-swap="outerHTML"
  >
    ${
      told === null
        ? html`<p>Le passage commence.</p>`
        : html`<p>
              Étape : <strong>${told.step}</strong>${advanced(told)}, dernière nouvelle à
              ${parisClock(told.at)}.
            </p>
            ${
              told.total === null
                ? null
                : html`<progress aria-label="Avancement de l’étape" max="${told.total}" value="${told.done}">
                    ${told.done} sur ${told.total}
                  </progress>`
            }`
    }
    <p><a href="${at}">Actualiser</a></p>
  </section>`;
}

function advanced({ done, total }: RunProgress): string {
  if (total !== null) return `, ${String(done)} sur ${String(total)}`;
  return done === 0 ? '' : `, ${String(done)} lus`;
}

function timeline(steps: readonly RunStep[]): Html | null {
  if (steps.length === 0) return null;
  return html`<h2>Étapes</h2>
    <ol class="slots">
      ${steps.map(
        ({ step, startedAt, finishedAt }) =>
          html`<li>
            <strong>${STEPS[step] ?? step}</strong> : commencée le ${momentText(startedAt)},
            ${lasted(startedAt, finishedAt)}
          </li>`,
      )}
    </ol>`;
}

function found({ region }: RegionRequest, id: string, report: RunReport): Html {
  const aside = report.sources.reduce((sum, { setAside }) => sum + setAside.length, 0);
  return html`${sourcesTable(report.sources)}
    <h2>Lignes mises à part</h2>
    ${
      aside === 0
        ? html`<p>Aucune : toutes les lignes lues servent.</p>`
        : html`<p>
              ${aside > 1 ? `${String(aside)} lignes mises à part, gardées avec leur raison` : '1 ligne mise à part, gardée avec sa raison'}.
              <a href="/${region.code}/passages/${id}/mises-a-part" hx-boost="false"
                >Télécharger les lignes mises à part (CSV)</a
              >
            </p>
            ${asideTable(report.sources)}`
    }
    ${gatesList(report.gates)}
    <h2>Alertes</h2>
    ${report.alerts.length === 0 ? html`<p>Aucune alerte.</p>` : alertLines(report.alerts)}
    <h2>Répertoire</h2>
    <p>${report.mirror.message} ${counted(report.mirror.offers, 'offre connue', 'offres connues')}.</p>`;
}

const STATUS: Readonly<Record<SourceReport['status'], string>> = {
  new: 'nouvelle livraison',
  unchanged: 'mêmes octets',
  notModified: 'inchangée selon le serveur',
};

function sourcesTable(sources: readonly SourceReport[]): Html {
  return html`<table class="stack">
    <caption>
      Ce que chaque source a donné
    </caption>
    <thead>
      <tr>
        <th scope="col">Source</th>
        <th scope="col">Livraison</th>
        <th scope="col">Date du contenu</th>
        <th scope="col">Lues</th>
        <th scope="col">Gardées</th>
        <th scope="col">À part</th>
        <th scope="col">Hors région</th>
      </tr>
    </thead>
    <tbody>
      ${sources.map(
        (each) =>
          html`<tr>
            <th scope="row">${each.source}</th>
            <td data-label="Livraison">
              ${STATUS[each.status]} (${each.file})
              ${
                (each.unread ?? []).length === 0
                  ? null
                  : html`<div class="muted small">Colonnes non lues : ${(each.unread ?? []).join(', ')}</div>`
              }
            </td>
            <td data-label="Date du contenu">
              ${each.contentDate === null ? 'non dite' : frenchDay(each.contentDate)}
            </td>
            <td data-label="Lues">${each.read}</td>
            <td data-label="Gardées">${each.kept}</td>
            <td data-label="À part">${each.setAside.length}</td>
            <td data-label="Hors région">${each.outOfRegion}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function asideTable(sources: readonly SourceReport[]): Html {
  const rows = sources.flatMap(({ source, setAside }) => setAside.map((fault) => ({ source, ...fault })));
  return html`<table class="stack">
      <caption>
        Lignes mises à part et ce qu’il faut faire
      </caption>
      <thead>
        <tr>
          <th scope="col">Endroit</th>
          <th scope="col">Constat</th>
          <th scope="col">Que faire</th>
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, ASIDE_SHOWN).map(
          ({ source, locator, field, value, message, remedy, code }) =>
            html`<tr>
              <th scope="row">
                ${locatorText(locator)}
                <div class="identity"><span>${source}</span><span>${code}</span></div>
              </th>
              <td data-label="Constat">
                ${message}${field === undefined ? null : html` <span class="muted">(${field} : « ${value ?? ''} »)</span>`}
              </td>
              <td data-label="Que faire">${remedy}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${rows.length > ASIDE_SHOWN ? html`<p>… et ${rows.length - ASIDE_SHOWN} autres, dans le fichier à télécharger.</p>` : null}`;
}

function gatesList(gates: readonly GateResult[]): Html {
  const missed = gates.filter(({ ok, level }) => !ok && level !== 'I');
  const others = gates.filter((gate) => !missed.includes(gate));
  return html`<h2>Contrôles</h2>
    ${
      missed.length === 0
        ? html`<p>Tous les contrôles sont tenus.</p>`
        : html`<ul>
            ${missed.map(
              ({ code, level, message, remedy }) =>
                html`<li>
                  <span class="badge alert">${level === 'B' ? '! bloquant' : '! à regarder'}</span> ${code} :
                  ${message}${remedy === undefined ? null : html` <strong>Que faire :</strong> ${remedy}`}
                </li>`,
            )}
          </ul>`
    }
    ${
      others.length === 0
        ? null
        : html`<details>
            <summary>
              ${counted(others.length, 'contrôle tenu ou pour information', 'contrôles tenus ou pour information')}
            </summary>
            <ul>
              ${others.map(({ code, message }) => html`<li>${code} : ${message}</li>`)}
            </ul>
          </details>`
    }`;
}

/** What a real run would do now; nothing of it is kept. */
function trial({ region }: RegionRequest, output: SyncOutput) {
  const kinds = Object.entries(output.plan.states);
  return {
    kind: 'page' as const,
    title: 'Essai à blanc – Passages',
    body: html`<p><a href="/${region.code}/passages">Revenir aux passages</a></p>
      <h1>Essai à blanc</h1>
      <p class="notice">Rien n’a été gardé.</p>
      <p class="lead">${output.plan.summary}</p>
      ${kinds.length === 0 ? null : html`<p>Le plan compterait ${counted(output.changes.length, 'changement')}.</p>`}
      ${sourcesTable(output.sources)} ${gatesList(output.gates)}`,
  };
}
