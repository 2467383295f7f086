import { OPEN_STATES } from '../../db/changes.js';
import { changeHeads } from '../../db/change-heads.js';
import { standingPauses } from '../../db/pauses.js';
import { lastCheck, lastPlan, lastSyncState } from '../../db/runs.js';
import type { ChangeState } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { DAY_MS } from '../../domain/time.js';
import type { RunReport } from '../../runs/report.js';
import { standingOf } from '../../runs/standing.js';
import { summarySentence } from '../../runs/summary.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { alertLines, counted, momentText } from './parts.js';

/** Days without a synchronisation after which what is shown is said to be out of date. */
const STALE_DAYS = 8;

/** Few words, exclusive, in this order of urgency (ANCHORS 5.4). */
export const REGION_STATES = {
  conflict: { word: 'en conflit', tone: 'alert' },
  failed: { word: 'en échec', tone: 'alert' },
  paused: { word: 'en pause', tone: 'plain' },
  stale: { word: 'périmé', tone: 'alert' },
  pending: { word: 'changements à approuver', tone: 'act' },
  upToDate: { word: 'à jour', tone: 'add' },
} as const;

export const home = route({
  method: 'GET',
  path: '',
  roles: STAFF,
  menu: 'Accueil',
  handle: async (request) => {
    const { run, region } = request;
    const heads = await changeHeads(run.db, region.code, OPEN_STATES);
    const plan = await lastPlan(run.db, region.code);
    const checkedAt = await lastCheck(run.db, region.code);
    const report = plan === null ? null : (plan.report as RunReport);
    const states = heads.map((head) => head.state);
    const now = run.now();
    const state = regionState({
      states,
      failed: (await lastSyncState(run.db, region.code)) === 'failed',
      paused: (await standingPauses(run.db, region.code)).some((pause) => pause.source === null),
      stale: checkedAt === null || now.getTime() - checkedAt.getTime() > STALE_DAYS * DAY_MS,
    });
    const sentence =
      plan === null || report === null
        ? 'Aucun passage encore : rien n’a été collecté pour cette région.'
        : summarySentence(heads, await standingOf(run, report, checkedAt ?? plan.input.instant));
    const { word, tone } = REGION_STATES[state];
    return {
      kind: 'page',
      title: `${word} – Accueil`,
      body: html`<h1>${region.name}</h1>
        <p><span class="badge ${tone}">${word}</span></p>
        <p class="lead">${sentence}</p>
        ${
          checkedAt === null
            ? null
            : html`<p class="muted">Listes et répertoire comparés le ${momentText(checkedAt)}.</p>`
        }
        <h2>Ce qui vous attend</h2>
        ${waiting(request, states, report)}
        ${
          report === null || report.alerts.length === 0
            ? null
            : html`<h2>Alertes du dernier passage</h2>
                ${alertLines(report.alerts)}`
        }`,
    };
  },
});

function regionState(facts: {
  readonly states: readonly ChangeState[];
  readonly failed: boolean;
  readonly paused: boolean;
  readonly stale: boolean;
}): keyof typeof REGION_STATES {
  if (facts.states.some((state) => state === 'conflict' || state === 'uncertain')) return 'conflict';
  if (facts.failed) return 'failed';
  if (facts.paused) return 'paused';
  if (facts.stale) return 'stale';
  return facts.states.length > 0 ? 'pending' : 'upToDate';
}

/** What the person's own rights let them do, first; nothing that somebody else must do. */
function waiting(
  { region, roles }: RegionRequest,
  states: readonly ChangeState[],
  report: RunReport | null,
): Html {
  const count = (...wanted: readonly ChangeState[]): number =>
    states.filter((state) => wanted.includes(state)).length;
  const at = `/${region.code}/changements`;
  const lines: Html[] = [];
  const line = (many: number, text: string, href: string): void => {
    if (many > 0) lines.push(html`<li><a href="${href}">${text}</a></li>`);
  };
  if (roles.has('reviewer')) {
    line(count('proposed'), `${counted(count('proposed'), 'changement')} à approuver`, `${at}?etat=proposed`);
  }
  if (roles.has('reviewer') || roles.has('operator')) {
    const asked = count('toComplete', 'toReconfirm', 'question');
    line(asked, `${counted(asked, 'changement')} à compléter ou à éclaircir`, `${at}?etat=asked`);
    line(count('conflict'), `${counted(count('conflict'), 'conflit')} à regarder`, `${at}?etat=conflict`);
    const mentions = report?.mentions.length ?? 0;
    line(
      mentions,
      `${counted(mentions, 'hôpital', 'hôpitaux')} à reconnaître`,
      `/${region.code}/rapprochements`,
    );
  }
  if (lines.length === 0) return html`<p>Rien ne vous attend.</p>`;
  return html`<ul class="todo">
    ${lines}
  </ul>`;
}
