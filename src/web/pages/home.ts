import type { ChangeState } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { REGION_STATE_WORDS, regionStanding, statesOf, type RegionState } from '../../runs/region-state.js';
import type { RunReport } from '../../runs/report.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { alertLines, counted, momentText } from './parts.js';

const TONES: Readonly<Record<RegionState, string>> = {
  conflict: 'alert',
  failed: 'alert',
  paused: 'plain',
  stale: 'alert',
  pending: 'act',
  upToDate: 'add',
};

export const home = route({
  method: 'GET',
  path: '',
  roles: STAFF,
  menu: 'Accueil',
  handle: async (request) => {
    const { run, region } = request;
    const { state, sentence, checkedAt, open, report } = await regionStanding(run);
    const word = REGION_STATE_WORDS[state];
    const states = statesOf(open);
    return {
      kind: 'page',
      title: `${word} – Accueil`,
      body: html`<h1>${region.name}</h1>
        <p><span class="badge ${TONES[state]}">${word}</span></p>
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

/** What the person's own rights let them do, first; nothing that somebody else must do. */
function waiting(
  { region, roles }: RegionRequest,
  states: ReadonlyMap<ChangeState, number>,
  report: RunReport | null,
): Html {
  const count = (...wanted: readonly ChangeState[]): number =>
    wanted.reduce((sum, state) => sum + (states.get(state) ?? 0), 0);
  const at = `/${region.code}/changements`;
  const lines: Html[] = [];
  const line = (many: number, text: string, href: string): void => {
    if (many > 0) lines.push(html`<li><a href="${href}">${text}</a></li>`);
  };
  if (roles.has('reviewer')) {
    line(count('proposed'), `${counted(count('proposed'), 'changement')} à approuver`, `${at}?etat=proposed`);
  }
  if (roles.has('operator')) {
    line(
      count('approved'),
      counted(count('approved'), 'changement approuvé à envoyer', 'changements approuvés à envoyer'),
      `/${region.code}/envoi`,
    );
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
