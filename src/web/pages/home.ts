import { momentText } from '../../domain/time.js';
import type { ChangeHead } from '../../db/change-heads.js';
import type { ChangeState } from '../../domain/change.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { awaitedOf } from '../../review/awaited.js';
import { REGION_STATE_WORDS, regionStanding, statesOf, type RegionState } from '../../runs/region-state.js';
import type { RunReport } from '../../runs/report.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { alertLines } from './parts.js';

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
        ${waiting(request, states, report, await approving(request, open))}
        ${
          report === null || report.alerts.length === 0
            ? null
            : html`<h2>Alertes du dernier passage</h2>
                ${alertLines(report.alerts)}`
        }`,
    };
  },
});

/** The changes that the person may approve, and those that wait for somebody else although they review. */
async function approving(
  { run, region, person, grants, roles }: RegionRequest,
  heads: readonly ChangeHead[],
): Promise<Html | null> {
  if (!roles.has('reviewer') || heads.every(({ state }) => state !== 'proposed')) return null;
  const rights = grants.filter(({ role }) => role === 'reviewer').map(({ onBehalfOf }) => onBehalfOf);
  const { own, authored, voiced } = await awaitedOf(run.db, {
    region: region.code,
    person: person.id,
    rights: rights.includes(null) ? [null] : rights,
    heads,
  });
  const others = [
    authored === 0 ? null : `${counted(authored, 'changement')} dont vous êtes l’auteur`,
    voiced === 0
      ? null
      : counted(voiced, 'changement qui a déjà votre voix', 'changements qui ont déjà votre voix'),
  ].filter((each) => each !== null);
  const left =
    others.length === 0 ? '' : ` (à part : ${others.join(' et ')}, qu’une autre personne doit approuver)`;
  return html`<li>
    <a href="/${region.code}/changements?etat=proposed"
      >${own === 0 ? 'Aucun changement à approuver par vous' : `${counted(own, 'changement')} à approuver`}</a
    >${left}
  </li>`;
}

/** What the person's own rights let them do, first; nothing that somebody else must do. */
function waiting(
  { region, roles }: RegionRequest,
  states: ReadonlyMap<ChangeState, number>,
  report: RunReport | null,
  toApprove: Html | null,
): Html {
  const count = (...wanted: readonly ChangeState[]): number =>
    wanted.reduce((sum, state) => sum + (states.get(state) ?? 0), 0);
  const at = `/${region.code}/changements`;
  const lines: Html[] = toApprove === null ? [] : [toApprove];
  const line = (many: number, text: string, href: string): void => {
    if (many > 0) lines.push(html`<li><a href="${href}">${text}</a></li>`);
  };
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
